"""What is kept on a device: files by their content, runners made of them, the lock that keeps hosts apart."""
