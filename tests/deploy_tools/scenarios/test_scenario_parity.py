"""Comparing with Paddle: of which bundles it can be told what Paddle computes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy_tools.devices.local import LocalDevice
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.measure import measure_unit
from deploy_tools.scenarios.planning import Wanted, plan_networks
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import BundleError


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"kind": "folder"}, "was not made of a model of the zoo, .*; leave --paddle out"),
        ({"zoo": "nosuch", "kind": "inference"}, "was not made of a model of the zoo"),
        ({"sha256": {"inference.pdmodel": "0" * 64}}, "was made of another version of its model; convert it"),
    ],
)
def test_bundles_that_paddle_does_not_know(
    small: Bundle, tmp_path: Path, source: Mapping[str, Any], message: str
) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(small.folder, folder)
    known = small.manifest.source if "sha256" in source else {}
    manifest = replace(small.manifest, source={**known, **source})
    (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    wanted = Wanted([load_bundle(folder)], paddle=True)
    plan = plan_networks("parity", [LocalDevice()], wanted, Conditions(cool_down=0.0))
    with pytest.raises(BundleError, match=message):
        list(measure_unit(plan.units[0], Workplace(LocalDevice())))
