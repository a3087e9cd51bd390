"""Published models as networks and as inference models, each made once."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.pull import LocalModel, ensure
from slim.zoo.sources import SourceSpec

Pulled = Callable[[str, Kind], LocalModel]
Exported = Callable[[str], Path]


@pytest.fixture(scope="session", autouse=True)
def _paddle() -> None:
    """Load Paddle once, which warns of what it imports itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import slim.networks.export
        import slim.networks.from_inference  # noqa: F401


@pytest.fixture(scope="session")
def pulled(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    """``pulled(name, kind)``: a model from the shared mirror, in a store that no other test sees."""
    source, home = SourceSpec.parse(str(shared_dir / "mirror")), tmp_path_factory.mktemp("home")

    def pull(name: str, kind: Kind) -> LocalModel:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PPOCR_EDGE_HOME", str(home))
            return ensure(name, kind, source)

    return pull


@pytest.fixture(scope="session")
def exported(pulled: Pulled, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """``exported(name)``: the inference model of a model's checkpoint, or of its published inference model.

    The latter is taken apart into the network and put together again. Not to be changed.
    """
    from slim.networks.checkpoint import checkpoint_file
    from slim.networks.export import export_network
    from slim.networks.from_checkpoint import export_checkpoint
    from slim.networks.from_inference import weights_from_inference
    from slim.networks.plan import published_plan
    from slim.networks.stored import StoredNetwork

    @functools.cache
    def export(name: str) -> Path:
        entry = find_entry(name)
        plan, out = published_plan(entry), tmp_path_factory.mktemp(name)
        if name == "ch_ppocr_mobile_v2.0_cls":  # its checkpoint is not in the mirror
            weights = weights_from_inference(pulled(name, Kind.INFERENCE).folder, plan)
            export_network(StoredNetwork(plan, weights).build(), plan, out)
        else:
            checkpoint = checkpoint_file(pulled(name, Kind.TRAINED).folder)
            assert export_checkpoint(checkpoint, plan, True, out) == plan
        return out

    return export
