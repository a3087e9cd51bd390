"""Programs of inference models as files, changed without Paddle: a ``.pdmodel`` is a protobuf message."""
