"""What Paddle-Lite's last words mean: from log lines and exit codes to cause and remedy."""
