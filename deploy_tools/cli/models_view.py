"""How models are shown: tables for people, plain values for machines."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from deploy_tools.cli.output_console import OutputConsole
from slim.zoo.entry import Block, Check, ClassBasis, Entry, Kind, Verified
from slim.zoo.pull import LocalModel

_LOCAL_MARK: Final = "*"
_ROOMY: Final = 100
_WIDEST_WORD: Final = 8
_CHECKED: Final = {
    Check.CHECKPOINT: "its checkpoint loads with every parameter used",
    Check.READS: "exported from it, the network reads real text",
    Check.ONNX: "its output is that of ONNX Runtime with the same weights",
    Check.SAME: "its output is that of the published inference model",
    Check.INFERENCE: "the published inference model does its work on real pictures",
    Check.NB: "the weights in the published .nb have the network's shapes",
    Check.RUNS: "the network exports, converts for ARM and runs on x86 Paddle-Lite as on Paddle",
    Check.SIZE: "its parameter count fits the published size",
}
_WIDEST_KIND: Final = max(len(kind.value) for kind in Kind) + 2  # with mark and comma


def show_list(rows: Sequence[tuple[Entry, Collection[Kind]]]) -> None:
    """Print a table of models with the kinds of each that are here."""
    console = OutputConsole(highlight=False)
    if not rows:
        console.print("No model matches.")
        return
    roomy = console.width >= _ROOMY
    table = Table(box=None, pad_edge=False, padding=(0, 1 if roomy else 0, 0, 1))
    table.add_column("model", no_wrap=True)
    table.add_column("task", no_wrap=True)
    if roomy:  # the names have it too
        table.add_column("gen", no_wrap=True)
    # a column that may wrap takes room from the kinds, so it is told how much it needs
    table.add_column("language", max_width=None if roomy else _WIDEST_WORD)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("verified", no_wrap=True)
    table.add_column(f"kinds ({_LOCAL_MARK} local)", min_width=_WIDEST_KIND)
    for entry, local in rows:
        marked = (
            f"[bold]{kind.value}{_LOCAL_MARK}[/]" if kind in local else kind.value for kind in entry.files
        )
        generation = [f"v{entry.generation}"] if roomy else []
        known = (_languages(entry), entry.size or "", entry.verified.value, ", ".join(marked))
        table.add_row(entry.name, entry.task.value, *generation, *known)
    console.print(table)


def show_entry(entry: Entry, local: Sequence[LocalModel]) -> None:
    """Print all facts about a model, and where it is on this machine."""
    console = OutputConsole(highlight=False)
    console.print(f"[bold]{entry.name}[/]  {entry.description}")
    console.print(Padding(_grid(_facts(entry)), (1, 0, 1, 2)))
    console.print(f"files ({_LOCAL_MARK} local)")
    here = {model.kind for model in local}
    addresses = [
        (f"{kind.value}{_LOCAL_MARK if kind in here else ''}", file.address)
        for kind, file in entry.files.items()
    ]
    if entry.dictionary is not None:
        addresses.append(("dictionary", entry.dictionary.address))
    for name, address in addresses:  # one unbroken line each, to be copied
        console.print(f"  {name:<16}{address}", soft_wrap=True, markup=False)
    for model in local:
        console.print()
        for line in pulled_lines(model):
            console.print(line, soft_wrap=True, markup=False)
    if entry.notes:
        console.print(Padding(_grid(("-", note) for note in entry.notes), (1, 0, 0, 0)))


def pulled_lines(model: LocalModel) -> Iterator[str]:
    """Lines that say what a local model is and how far it can be trusted."""
    yield f"{model.entry.name} {model.kind.value}"
    yield f"  folder      {model.folder}"
    if model.dictionary is not None:
        yield f"  dictionary  {model.dictionary.name}"
    yield f"  from        {model.origin}"
    if model.seen_at is None:
        yield "  hashes      recorded on first use, enforced from then on"
    else:
        yield f"  hashes      known: recorded by us from {model.seen_at}"
    for name, sha256 in sorted(model.sha256.items()):
        yield f"  sha256      {sha256}  {name}"


def entry_json(entry: Entry, local: Collection[Kind]) -> dict[str, Any]:
    """All fields of an entry as plain values, and the kinds of it that are here."""
    values: dict[str, Any] = _plain(entry)
    values["size"] = entry.size
    values["verified"] = entry.verified.value
    values["local_kinds"] = sorted(kind.value for kind in local)
    return values


def local_json(model: LocalModel) -> dict[str, Any]:
    """Where a local model is and what it consists of, as plain values."""
    return {
        "kind": model.kind.value,
        "folder": str(model.folder),
        "dictionary": str(model.dictionary) if model.dictionary else None,
        "origin": model.origin,
        "seen_at": model.seen_at,
        "sha256": dict(model.sha256),
    }


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "task", entry.task.value
    later = "" if entry.generation == "2.0" else ", a later generation than the v2.0 lists"
    yield "generation", f"PP-OCR v{entry.generation}{later}"
    yield "language", _languages(entry)
    if entry.compression:
        yield "compression", ", ".join(entry.compression)
    parts = (entry.architecture.backbone, entry.architecture.neck, entry.architecture.head)
    yield "network", f"{entry.architecture.algorithm}: " + " · ".join(_block(part) for part in parts if part)
    yield "input", " × ".join("any" if side < 0 else str(side) for side in entry.input_shape)
    if entry.classes is not None:
        basis = "read from a network" if entry.classes.basis is ClassBasis.MEASURED else "from the dictionary"
        yield "classes", f"{entry.classes.count} ({basis})"
    if entry.dictionary is not None:
        space = "with" if entry.use_space_char else "without"
        count = f"{entry.dictionary.characters} characters, {space} a class for the space"
        yield "dictionary", f"{entry.dictionary.name}: {count}"
    yield "training", entry.config
    for name, listing in entry.listings.items():
        holds = ", which holds" if name == entry.size_holds and len(entry.listings) > 1 else ""
        yield f"{name} list", f"size {listing.size}{holds}" if listing.size else "no size"
    if entry.packaged is not None:
        yield "carried by", entry.packaged.package
    yield "verified", _verified(entry)


def _verified(entry: Entry) -> str:
    by = {
        Verified.WEIGHTS: "with its real weights",
        Verified.ARCHITECTURE: "by its architecture alone, none of its weights was run",
        Verified.NONE: "not at all",
    }[entry.verified]
    return ": ".join((by, "; ".join(_CHECKED[check] for check in entry.checks)))


def _block(block: Block) -> str:
    settings = [f"{key.replace('_', ' ')} {_setting(value)}" for key, value in block.settings.items()]
    return f"{block.name} ({', '.join(settings)})" if settings else block.name


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _languages(entry: Entry) -> str:
    return ", ".join(language.name for language in entry.languages)


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    """Two columns, the first as narrow as it can be."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, escape(text))
    return table


def _plain(value: Any) -> Any:
    """Dataclasses, enums, mappings and tuples as what JSON knows."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
