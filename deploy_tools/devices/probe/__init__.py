"""What a device is, found out in one round trip."""
