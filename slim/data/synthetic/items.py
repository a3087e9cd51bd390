"""What synthetic lines and pages have in common: items that depend on the seed and their number alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from slim.data.synthetic.draws import Rng, item_rng
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.typefaces import Typefaces

T = TypeVar("T")


class SyntheticItems(ABC, Generic[T]):
    """Pictures drawn when they are asked for.

    Item ``i`` depends on the seed and ``i`` alone, not on what was drawn before, nor in which process; on
    another machine other fonts make other pictures.

    Args:
        characters: The dictionary.
        count: Number of items.
        seed: 0 or more.
        texts: Lines to draw from; made-up ones where None.

    Raises:
        InputError: The installed fonts do not cover the dictionary, or no line of the texts has any of its
            characters.
    """

    def __init__(
        self, characters: Sequence[str], *, count: int, seed: int, texts: Sequence[str] | None = None
    ) -> None:
        self._count, self._seed = count, seed
        self._maker = TextMaker(Typefaces(characters), texts)

    @property
    def missing(self) -> str:
        """The characters of the dictionary that are never drawn, because no installed font has them."""
        return self._maker.typefaces.missing

    @property
    def families(self) -> tuple[str, ...]:
        """The families that are drawn with, sorted."""
        return self._maker.typefaces.families

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return (self[index] for index in range(self._count))

    def __getitem__(self, index: int) -> T:
        if not 0 <= index < self._count:
            raise IndexError(f"item {index} of {self._count}")
        return self._draw(item_rng(self._seed, index))

    @abstractmethod
    def _draw(self, rng: Rng) -> T:
        """An item, from its own generator."""
