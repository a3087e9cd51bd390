"""What leads to a device: commands, processes and files over SSH, over adb, or on this host."""
