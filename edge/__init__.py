"""What runs where the model runs: OCR processing, the bundle format, the Paddle-Lite runner.

This package imports neither ``slim`` nor ``deploy_tools``.
"""

__version__ = "0.1.0"
