"""What is evaluated: an inference model or a bundle, and what both say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy_tools.conversion.source import ModelSource
from edge.bundle.bundle import Bundle
from edge.bundle.manifest import MANIFEST_NAME, Parameters, Task
from slim.reference.predictor import MODEL_FILE


@dataclass(frozen=True)
class Candidate:
    """A model to evaluate.

    Attributes:
        name: As the user named it.
        form: The inference model, or the bundle.
    """

    name: str
    form: ModelSource | Bundle

    @property
    def label(self) -> str:
        """A short name: the last part where it is a path."""
        return Path(self.name).resolve().name if "/" in self.name else self.name

    @property
    def task(self) -> Task:
        """What it does."""
        return self.form.task if isinstance(self.form, ModelSource) else self.form.manifest.task

    @property
    def parameters(self) -> Parameters:
        """Its pre- and post-processing."""
        return self.form.parameters if isinstance(self.form, ModelSource) else self.form.manifest.parameters

    @property
    def dictionary(self) -> Path | None:
        """Its characters' file; recognition only."""
        if isinstance(self.form, ModelSource):
            return self.form.dictionary
        name = self.form.manifest.dictionary
        return None if name is None else self.form.folder / name


def is_bundle_folder(path: Path) -> bool:
    """Whether a folder is meant as a bundle: it has a manifest and no inference model."""
    return (path / MANIFEST_NAME).exists() and not (path / MODEL_FILE).exists()
