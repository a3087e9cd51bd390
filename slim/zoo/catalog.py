"""The zoo's entries, read from ``catalog.json`` beside this file."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

from edge.errors import ModelError
from slim.zoo.entry import (
    Architecture,
    Block,
    Check,
    ClassBasis,
    Classes,
    Dictionary,
    Entry,
    FileHash,
    Kind,
    KnownContent,
    Language,
    Listing,
    PackagedPath,
    PublishedFile,
    Task,
)

Json = Mapping[str, Any]


@functools.lru_cache(maxsize=1)
def load_catalog() -> Mapping[str, Entry]:
    """All entries by name, in the order of the published lists, later generations last."""
    text = resources.files("slim.zoo").joinpath("catalog.json").read_text(encoding="utf-8")
    tables: Json = json.loads(text)
    entries = [_entry(row, tables) for row in tables["entries"]]
    return MappingProxyType({entry.name: entry for entry in entries})


def find_entry(name: str) -> Entry:
    """The entry of that name.

    Raises:
        ModelError: There is none; the message proposes the nearest names.
    """
    catalog = load_catalog()
    if name in catalog:
        return catalog[name]
    by_folded = {known.casefold(): known for known in catalog}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.6)
    if near:
        hint = f"did you mean {' or '.join(by_folded[one] for one in near)}?"
    else:
        hint = "see 'ppocr-edge models list'"
    raise ModelError(name or "''", "no model of this name in the zoo", hint)


def _entry(row: Json, tables: Json) -> Entry:
    return Entry(
        name=row["name"],
        task=Task(row["task"]),
        generation=row["generation"],
        description=row["description"],
        languages=tuple(Language(code, tables["languages"][code]) for code in row["languages"]),
        compression=tuple(row["compression"]),
        architecture=parse_architecture(tables["architectures"][row["architecture"]]),
        input_shape=_three(row["input_shape"]),
        dictionary=_dictionary(row["dictionary"], tables) if row["dictionary"] else None,
        use_space_char=row["use_space_char"],
        classes=Classes(row["classes"]["count"], ClassBasis(row["classes"]["basis"]))
        if row["classes"]
        else None,
        config=row["config"],
        listings=MappingProxyType({key: Listing(one["size"]) for key, one in row["listings"].items()}),
        size_holds=row["size_holds"],
        files=MappingProxyType({Kind(one["kind"]): _file(one, tables) for one in row["files"]}),
        packaged=_packaged(row["packaged"], tables),
        known=tuple(_known(one) for one in row["known"]),
        checks=tuple(Check(one) for one in row["checks"]),
        notes=tuple(row["notes"]),
    )


def _three(values: list[int]) -> tuple[int, int, int]:
    channels, height, width = values
    return channels, height, width


def parse_architecture(row: Json) -> Architecture:
    """The reverse of :meth:`Architecture.to_json`."""
    neck = _block(row["neck"]) if row["neck"] else None
    return Architecture(row["algorithm"], _block(row["backbone"]), neck, _block(row["head"]))


def _block(row: Json) -> Block:
    settings = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key != "name"
    }
    return Block(row["name"], MappingProxyType(settings))


def _dictionary(name: str, tables: Json) -> Dictionary:
    row = tables["dictionaries"][name]
    return Dictionary(
        name=name,
        path=row["path"],
        address=tables["dictionary_root"] + row["path"],
        sha256=row["sha256"],
        size=row["size"],
        lines=row["lines"],
        characters=row["characters"],
        packaged=_packaged(row["packaged"], tables),
    )


def _file(row: Json, tables: Json) -> PublishedFile:
    return PublishedFile(
        Kind(row["kind"]), row["path"], tables["publisher"] + row["path"], tuple(row["listed_in"])
    )


def _packaged(row: Json | None, tables: Json) -> PackagedPath | None:
    return PackagedPath(row["package"], tables["packages"][row["package"]], row["path"]) if row else None


def _known(row: Json) -> KnownContent:
    files = {name: FileHash(one["sha256"], one["size"]) for name, one in row["files"].items()}
    return KnownContent(Kind(row["kind"]), row["seen_at"], row["publisher"], MappingProxyType(files))
