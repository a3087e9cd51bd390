"""The on-device runner: a program that loads one ``.nb`` with Paddle-Lite and runs it."""
