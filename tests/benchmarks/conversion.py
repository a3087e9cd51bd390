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
from tests.benchmarks.material import Material, Row, show


def measure(material: Material) -> bool:
    """Convert everything twice, in different folders, and compare every file of the bundles."""
    del material  # the default models are in an installed package
    rows: list[Row] = []
    for name in DEFAULT_MODELS.values():
        for target in ("x86", "arm"):
            with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="another-") as two:
                bundles = [
                    write_bundle(zoo_source(ensure(name)), conversion_options(target), Path(folder))
                    for folder in (one, two)
                ]
                hashes = [
                    {
                        file.relative_to(bundle.folder): sha256_of(file)
                        for file in bundle.folder.rglob("*")
                        if file.is_file()
                    }
                    for bundle in bundles
                ]
            one_nb, two_nb = (bundle.nb.sha256 for bundle in bundles)
            same = ["same" if equal else "DIFFERENT" for equal in (one_nb == two_nb, hashes[0] == hashes[1])]
            rows.append(
                Row(
                    f"{name} {target}",
                    f".nb {same[0]} ({one_nb[:16]}), whole bundle {same[1]}",
                    one_nb == two_nb and hashes[0] == hashes[1],
                )
            )
    return show("5. two conversions", rows)
