"""What a benchmark gives: cases, samples, and where and how they were taken. Values only; no work."""
