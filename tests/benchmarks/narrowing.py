"""What narrowing the detector's linear parts costs before any training: in their best basis, or by channels.

In nats a picture: the divergence of the narrowed network's map from the whole one's. Measured on other crops
than the basis was chosen by.
"""

from __future__ import annotations

import string
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import paddle

from edge.ocr.parameters import DetectionParameters
from slim.data.labels import LabelledPage, read_detection_labels
from slim.data.synthetic import SyntheticPages
from slim.networks.stored import StoredNetwork, read_stored
from slim.pipeline.state import write_beginning
from slim.pruning.cut import cut, most_important
from slim.pruning.fisher import span_moments
from slim.pruning.statistics import StatisticsFitter
from slim.pruning.subspace import best_basis, narrow
from slim.training.page_crops import CropSettings, PageCrops
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.pull import ensure
from tests.benchmarks.material import Material, Row, show

MODEL = "ch_ppocr_mobile_v2.0_det"
WIDTHS: dict[str, dict[str, int]] = {
    "sums of the pyramid, 96 to 64": {"neck.inner": 64},
    "sums of the pyramid, 96 to 48": {"neck.inner": 48},
    "parts of the pyramid, 24 to 16": {f"neck.p{level}": 16 for level in (2, 3, 4, 5)},
    "sums of the last stage, 80 to 64": {"backbone.stage3.0.out": 64},
    "sums of the stage before, 56 to 48": {"backbone.stage2.4.out": 48},
}
TARGET = 10.0
"""Times less in the best basis, at least."""
BATCHES, JUDGED = 16, 2
PAGES = 60


def measure(material: Material) -> bool:
    """Narrow one part at a time, both ways."""
    with tempfile.TemporaryDirectory() as folder:
        whole = _published(Path(folder))
        batches = _batches(material, Path(folder))
    moments = span_moments(whole.build(), batches[:BATCHES], categorical=False, seed=0)
    bases = {name: best_basis(one) for name, one in moments.items()}
    judged = np.concatenate(batches[BATCHES:])
    truth = _map(whole, judged)
    fitter = StatisticsFitter(whole, batches[0])
    rows = []
    for label, widths in WIDTHS.items():
        turned = _divergence(truth, _map(narrow(whole, bases, widths), judged))
        kept = most_important(whole, widths, "l1")
        dropped = _divergence(truth, _map(fitter.fit(cut(whole, kept), kept), judged))
        foretold = sum(bases[name].lost(width) for name, width in widths.items())
        value = (
            f"{turned:8.2f} (foretold {foretold:.2f}), channels {dropped:8.1f}: {dropped / turned:.0f} times"
        )
        rows.append(Row(f"{label} (at least {TARGET:g} times less)", value, dropped >= TARGET * turned))
    return show("narrowing. nats a picture of 320 x 320, best basis against channels by l1", rows)


def _batches(material: Material, folder: Path) -> list[npt.NDArray[np.float32]]:
    """Crops of photographs and of rendered pages, (8, 3, 320, 320) each."""
    pages = list(read_detection_labels(material.shared / "images" / "icdar2015" / "det_calibration.txt"))
    drawn = SyntheticPages(string.ascii_letters + string.digits + " ", count=PAGES, seed=3)
    for number in range(PAGES):
        page = drawn[number]
        page.picture.save(folder / f"{number}.png")
        pages.append(LabelledPage(folder / f"{number}.png", page.boxes))
    crops = PageCrops(pages, [False] * len(pages), DetectionParameters(), CropSettings(batch=8), 5)
    return [crops(number, 0)[0] for number in range(BATCHES + JUDGED)]


def _published(folder: Path) -> StoredNetwork:
    write_beginning(ensure(MODEL, Kind.TRAINED).folder, find_entry(MODEL), Kind.TRAINED, folder)
    return read_stored(folder)


def _map(stored: StoredNetwork, pictures: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    network = stored.build()
    network.eval()
    with paddle.no_grad():
        found = network(paddle.to_tensor(pictures)).numpy()
    return np.clip(found.astype(np.float64), 1e-6, 1 - 1e-6)


def _divergence(truth: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> float:
    terms = truth * np.log(truth / found) + (1 - truth) * np.log((1 - truth) / (1 - found))
    return float(terms.sum() / len(truth))
