// Stands in for Paddle-Lite's header, which every library folder has.
