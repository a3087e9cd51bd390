"""Training for a bounded number of steps; a killed run ends where an undisturbed one does."""
