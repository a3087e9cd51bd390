"""The networks behind the zoo's trained models, built to any widths: Paddle layers, weights and cost.

Only commands that work on networks import this package: it loads Paddle.
"""

# Before Paddle: its libraries bring a zlib of their own, and Pillow loaded after it reads no PNG
# ("codec configuration error when reading image file").
import PIL.Image  # noqa: F401
