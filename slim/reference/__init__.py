"""Paddle on the host: the second answerer of the predictor protocol, and the reference for every other."""

from slim.reference.predictor import PaddlePredictor

__all__ = ["PaddlePredictor"]
