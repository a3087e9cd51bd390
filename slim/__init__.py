"""Where models come from and get smaller: the zoo, the networks, compression. Imports ``edge``."""
