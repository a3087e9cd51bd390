"""Results of elsewhere: our own exports, ``bench --json``, and what Paddle-Lite's programs print."""
