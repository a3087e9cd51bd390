"""Reading Paddle-Lite's naive-buffer (``.nb``) models: who wrote them, for which target and precision."""
