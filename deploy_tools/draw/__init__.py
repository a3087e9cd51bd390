"""Drawing OCR results as pictures."""

from deploy_tools.draw.result import LOW_SCORE, draw_result

__all__ = ["LOW_SCORE", "draw_result"]
