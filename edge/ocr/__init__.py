"""OCR processing around the three networks: everything but the inference itself."""
