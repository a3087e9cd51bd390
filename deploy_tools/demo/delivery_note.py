"""What the sample page says: an invented company's delivery note, different for every seed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

import numpy as np

# description and price range in cents
_GOODS: Final = (
    ("A4 copy paper, 80 g", 390, 620),
    ("Kraft envelopes C5, box of 50", 710, 990),
    ("Ruled notebook, 96 pages", 280, 450),
    ("Ink cartridge HF-664 black", 1450, 2290),
    ("Gift wrap, 70 cm x 2 m", 240, 380),
    ("Sealing wax, dark red", 520, 860),
    ("Linen thread 25/3, 250 g", 1190, 1640),
    ("Bone folder 15 cm", 430, 690),
    ("Grey board 2.0 mm, A3", 160, 290),
    ("Brass paper clips (x100)", 340, 570),
)
_CUSTOMERS: Final = (
    ("Ms R. Okafor", "14 Quayside Road, Unit 3B", "Bristol BS1 4RT"),
    ("Copper Kettle Books", "27 Market Street", "Lancaster LA1 1HN"),
    ("J. Whitfield & Sons", "The Old Forge, Mill Lane", "Ludlow SY8 1EG"),
)
_CARRIERS: Final = ("NorthRail", "Swift Parcel", "Dockside Vans")
_CLERKS: Final = ("T. Lund", "A. Mbeki", "K. Novak")
_VAT_PERCENT: Final = 20


@dataclass(frozen=True)
class Item:
    """One row of the table; prices in cents."""

    description: str
    quantity: int
    price: int

    @property
    def total(self) -> int:
        """Price of the whole row in cents."""
        return self.quantity * self.price


@dataclass(frozen=True)
class DeliveryNote:
    """Everything that varies on the page."""

    number: str
    order: str
    date: datetime.date
    received: datetime.datetime
    clerk: str
    carrier: str
    parcels: int
    customer: tuple[str, str, str]
    items: tuple[Item, ...]
    barcode: str

    @property
    def subtotal(self) -> int:
        """Sum of the rows in cents."""
        return sum(item.total for item in self.items)

    @property
    def vat(self) -> int:
        """Value added tax in cents, halves rounded up."""
        return (self.subtotal * _VAT_PERCENT + 50) // 100


def money(cents: int) -> str:
    """Cents as people write them: ``1,234.50``."""
    return f"{cents // 100:,}.{cents % 100:02d}"


def written_date(date: datetime.date) -> str:
    """A date as people write it: ``7 May 2024``, in English whatever the locale."""
    months = "January February March April May June July August September October November December"
    return f"{date.day} {months.split()[date.month - 1]} {date.year}"


def make_delivery_note(random: np.random.Generator, rows: int = 6) -> DeliveryNote:
    """Invent a delivery note.

    Args:
        random: Where the variation comes from.
        rows: How many goods it lists, up to 10.
    """
    date = datetime.date(2024, 1, 2) + datetime.timedelta(days=int(random.integers(0, 700)))
    received = datetime.datetime.combine(date, datetime.time()) + datetime.timedelta(
        days=2, minutes=int(random.integers(8 * 60, 17 * 60))
    )
    goods = [_GOODS[place] for place in sorted(random.choice(len(_GOODS), size=rows, replace=False))]
    items = tuple(
        Item(description, int(random.integers(2, 48)), int(random.integers(lowest // 5, highest // 5)) * 5)
        for description, lowest, highest in goods
    )
    digits = "".join(str(digit) for digit in random.integers(0, 10, size=11))
    return DeliveryNote(
        number=f"DN-{date.year}-{random.integers(1, 10000):04d}",
        order=f"PO-{random.integers(10000, 100000)}",
        date=date,
        received=received,
        clerk=_CLERKS[random.integers(len(_CLERKS))],
        carrier=_CARRIERS[random.integers(len(_CARRIERS))],
        parcels=int(random.integers(2, 7)),
        customer=_CUSTOMERS[random.integers(len(_CUSTOMERS))],
        items=items,
        barcode=f"5{digits}",
    )
