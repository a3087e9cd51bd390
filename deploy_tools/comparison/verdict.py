"""What an interval of a ratio says."""

from __future__ import annotations

import math
from typing import Final

from deploy_tools.comparison.ratio import Ratio

FASTER: Final = "faster"
SLOWER: Final = "slower"
SAME: Final = "same"
UNSURE: Final = "unsure"
VERDICTS: Final = (SLOWER, FASTER, SAME, UNSURE)

_MOST_SAMPLES: Final = 100_000


def verdict_of(ratio: Ratio, margin: float) -> str:
    """Slower or faster where the interval excludes 1; the same where it is within the margin; else unsure."""
    if ratio.low > 1:
        return SLOWER
    if ratio.high < 1:
        return FASTER
    inside = 1 / (1 + margin) <= ratio.low and ratio.high <= 1 + margin
    return SAME if inside else UNSURE


def samples_needed(ratio: Ratio, samples: int, margin: float) -> int | None:
    """How many samples a side would tell, if the ratio stays what it is, in round numbers.

    Args:
        ratio: Of which nothing can be said.
        samples: There are, of the side that has fewer.
        margin: Of what is the same.

    Returns:
        The number; None where no number would, because processes differ by as much, or where there are too
        few samples to estimate it.
    """
    if math.isinf(ratio.half_width):
        return None
    distance, room = abs(math.log(ratio.ratio)), math.log1p(margin)
    wanted = max(distance, room - distance)
    if wanted <= ratio.floor:
        return None
    grow = (ratio.half_width**2 - ratio.floor**2) / (wanted**2 - ratio.floor**2)
    needed = max(samples * grow, samples + 1)
    step = 10 ** max(int(math.log10(needed)) - 1, 0)
    rounded = math.ceil(needed / step - 1e-6) * step
    return rounded if rounded <= _MOST_SAMPLES else None
