"""Figure 5: two conversions of one model give the same bytes, for every default model and both targets."""

from __future__ import annotations

import tempfile
from pathlib import Path

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import zoo_source
from deploy_tools.default_bundles import DEFAULT_MODELS
from edge.hashing import sha256_of
from slim.zoo.pull import ensure
from tests.benchmarks.material import Material, show


def measure(material: Material) -> None:
    """Convert everything twice, in different folders, and compare every file of the bundles."""
    del material  # the default models are in an installed package
    rows: list[tuple[str, object]] = []
    for name in DEFAULT_MODELS.values():
        for target in ("x86", "arm"):
            with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="another-") as two:
                bundles = [
                    write_bundle(zoo_source(ensure(name)), conversion_options(target), Path(folder))
                    for folder in (one, two)
                ]
                hashes = [
                    {file.relative_to(bundle.folder): sha256_of(file) for file in bundle.folder.rglob("*.*")}
                    for bundle in bundles
                ]
            same = "same" if bundles[0].nb.sha256 == bundles[1].nb.sha256 else "DIFFERENT"
            whole = "same" if hashes[0] == hashes[1] else "DIFFERENT"
            rows.append(
                (f"{name} {target}", f".nb {same} ({bundles[0].nb.sha256[:16]}), whole bundle {whole}")
            )
    show("5. two conversions", rows)
