"""Numbers as they stand on receipts, signs and letters: prices, dates, telephone numbers, codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from slim.data.synthetic.alphabet import Alphabet
from slim.data.synthetic.draws import Rng, between_log, chance, pick, whole


def figure(rng: Rng, alphabet: Alphabet) -> str:
    """One number; empty where the alphabet lacks its characters."""
    return alphabet.keep(pick(rng, _KINDS)(rng, alphabet))


def _digits(rng: Rng, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _number(rng: Rng, alphabet: Alphabet) -> str:
    number = int(between_log(rng, 1, 10_000_000))
    return f"{number:,}" if "," in alphabet.characters and chance(rng, 0.4) else str(number)


def _price(rng: Rng, alphabet: Alphabet) -> str:
    signs = [sign for sign in "$€£¥￥元円원₹" if sign in alphabet.characters]
    amount = between_log(rng, 0.2, 9000)
    text = pick(rng, [f"{amount:.2f}", f"{amount:.0f}", f"{amount:,.2f}", f"{amount:.1f}"])
    if not signs or chance(rng, 0.3):
        return text
    sign = pick(rng, signs)
    return text + sign if sign in "元円원" or (sign == "€" and chance(rng, 0.6)) else sign + text


def _date(rng: Rng, alphabet: Alphabet) -> str:
    year, month, day = whole(rng, 1950, 2039), whole(rng, 1, 12), whole(rng, 1, 28)
    forms = [
        f"{year}-{month:02}-{day:02}",
        f"{day:02}.{month:02}.{year}",
        f"{day:02}/{month:02}/{year % 100:02}",
        f"{year}/{month}/{day}",
        f"{year}.{month:02}.{day:02}",
    ]
    if all(sign in alphabet.characters for sign in "年月日"):
        forms += [f"{year}年{month}月{day}日"] * 3
    if all(sign in alphabet.characters for sign in "년월일"):
        forms += [f"{year}년 {month}월 {day}일"] * 3
    return pick(rng, forms)


def _time(rng: Rng, alphabet: Alphabet) -> str:  # noqa: ARG001
    hour, minute = whole(rng, 0, 23), whole(rng, 0, 59)
    forms = [
        f"{hour:02}:{minute:02}",
        f"{hour:02}:{minute:02}:{whole(rng, 0, 59):02}",
        f"{hour % 12 + 1}:{minute:02} pm",
    ]
    return pick(rng, forms)


def _telephone(rng: Rng, alphabet: Alphabet) -> str:  # noqa: ARG001
    forms = [
        f"+{whole(rng, 1, 99)} {_digits(rng, 3)} {_digits(rng, 4)} {_digits(rng, 3)}",
        f"({_digits(rng, 3)}) {_digits(rng, 3)}-{_digits(rng, 4)}",
        f"0{_digits(rng, 2)}-{_digits(rng, 8)}",
        f"1{_digits(rng, 10)}",
        f"400-{_digits(rng, 3)}-{_digits(rng, 4)}",
    ]
    return pick(rng, forms)


def _measure(rng: Rng, alphabet: Alphabet) -> str:  # noqa: ARG001
    amount = int(between_log(rng, 1, 900))
    return (
        f"{amount}{pick(rng, ['%', 'ml', 'g', 'kg', ' cm', ' mm', 'm', 'km', '°C', ' W', ' V', 'x', 'GB'])}"
    )


def _code(rng: Rng, alphabet: Alphabet) -> str:  # noqa: ARG001
    letters = "".join(pick(rng, "ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(whole(rng, 1, 3)))
    forms = [
        f"{letters}{_digits(rng, whole(rng, 2, 6))}",
        f"{letters}-{_digits(rng, whole(rng, 3, 6))}",
        f"No.{_digits(rng, whole(rng, 2, 6))}",
        f"#{_digits(rng, whole(rng, 2, 5))}",
        f"{_digits(rng, 4)} {_digits(rng, 4)} {_digits(rng, 4)} {_digits(rng, 4)}",
        f"{_digits(rng, 13)}",
        f"{_digits(rng, 2)}x{_digits(rng, 2)}x{_digits(rng, 2)}",
    ]
    return pick(rng, forms)


_KINDS: Final[tuple[Callable[[Rng, Alphabet], str], ...]] = (
    _number,
    _price,
    _price,
    _date,
    _time,
    _telephone,
    _measure,
    _code,
)
