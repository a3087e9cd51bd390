"""The devices that a user has named."""
