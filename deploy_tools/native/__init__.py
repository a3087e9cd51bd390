"""Building the native runner (``edge/native``) against a Paddle-Lite inference library."""
