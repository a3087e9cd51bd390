"""Whether something got slower: ratios of medians with intervals, verdicts, and how they are shown."""
