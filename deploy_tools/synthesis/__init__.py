"""Writing synthetic data sets: pictures, labels in PaddleOCR's format, and a sheet to look at."""
