"""From an inference model to a bundle: ``opt`` in a child process, then what a device needs around it."""
