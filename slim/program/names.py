"""Short names for the variables of a program.

Values in a ``.pdiparams`` have no names: readers take them in the order of their variables' names. So new
names of weights sort as the old ones did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import count
from typing import Final

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def short_names(weights: Collection[str], others: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """A short name for every variable.

    Args:
        weights: Names of the variables with values in the parameter file.
        others: Names of the others, in any order.
        taken: Names that stay and that no variable may get.
    """
    fixed = _width(len(weights) + len(taken))
    codes = (name for number in count() if (name := f"w{_code(number).rjust(fixed, '0')}") not in taken)
    # as bytes, as C++ compares them
    names = dict(zip(sorted(weights, key=str.encode), codes, strict=False))
    free = _free("v", taken)
    return names | {name: next(free) for name in others}


def _free(letter: str, taken: Collection[str]) -> Iterator[str]:
    return (name for number in count() if (name := f"{letter}{_code(number)}") not in taken)


def _width(names: int) -> int:
    return len(_code(max(0, names - 1)))


def _code(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
