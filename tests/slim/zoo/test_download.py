"""Downloads from a real server that misbehaves in every way a network does."""

from __future__ import annotations

import datetime
import ipaddress
import random
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from zoo_server import (
    Behaviour,
    MirrorServer,
    cut_after,
    encoded,
    running_server,
    silent,
    stall_after,
    status,
    tag,
    trickle,
    without_length,
    without_version,
    wrong_part,
)

from edge.errors import SourceError
from slim.zoo.download import Patience, download, public_form
from slim.zoo.partial import Partial
from slim.zoo.sources import NotThereError

CONTENT = random.Random(1).randbytes(300_000)
# waits long for a server that answers, which costs nothing: on a busy machine it may be late
QUICK = Patience(attempts=3, backoff=0.01, connect=60.0, read=60.0)
# for servers that do not answer
IMPATIENT = Patience(attempts=3, backoff=0.01, connect=60.0, read=0.3, slow_window=0.3)


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.totals: list[int | None] = []
        self.done: list[int] = []
        self.notes: list[str] = []

    def started(self, label: str, total: int | None) -> None:
        assert label == "file.bin"
        self.totals.append(total)

    def advanced(self, done: int) -> None:
        self.done.append(done)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def part(tmp_path: Path) -> Partial:
    return Partial(tmp_path / "file.bin.part")


def fetch(
    server: MirrorServer, part: Partial, *behaviours: Behaviour, patience: Patience = QUICK
) -> Listener:
    server.files["file.bin"] = CONTENT
    server.behaviours["file.bin"] = list(behaviours)
    listener = Listener()
    download(f"{server.address}/file.bin", part, listener, patience)
    assert part.path.read_bytes() == CONTENT
    return listener


def fail(
    server: MirrorServer, part: Partial, *behaviours: Behaviour, patience: Patience = QUICK
) -> SourceError:
    with pytest.raises(SourceError) as caught:
        fetch(server, part, *behaviours, patience=patience)
    assert caught.value.subject.startswith("http://127.0.0.1")
    assert "\n" not in caught.value.one_line()
    return caught.value


def stalled(server: MirrorServer, part: Partial, count: int, *then: Behaviour) -> SourceError:
    """Fail after at most so many bytes, but some.

    A machine that was so busy that none of them came in time gets another try.
    """
    for _ in range(20):
        error = fail(server, part, stall_after(count), *then, patience=IMPATIENT)
        if part.size() > 0:
            break
    assert 0 < part.size() <= count
    return error


def test_a_whole_file_with_progress(server: MirrorServer, part: Partial) -> None:
    listener = fetch(server, part)
    assert listener.totals == [len(CONTENT)]
    assert listener.done == sorted(listener.done)
    assert listener.done[-1] == len(CONTENT)
    assert listener.notes == []


def test_a_cut_connection_is_resumed_where_it_broke(server: MirrorServer, part: Partial) -> None:
    listener = fetch(server, part, cut_after(100_000), cut_after(50_000))
    ranges = server.ranges("file.bin")
    assert ranges[0] is None
    starts = [int(str(one).removeprefix("bytes=").rstrip("-")) for one in ranges[1:]]
    assert len(starts) == 2
    assert 0 < starts[0] <= 100_000
    assert starts[0] < starts[1] <= 150_000
    assert len(listener.notes) == 2
    assert "trying again" in listener.notes[0]


def test_a_later_call_resumes_what_an_earlier_one_left(server: MirrorServer, part: Partial) -> None:
    stalled(server, part, 60_000, silent, silent, silent)
    left = part.size()
    fetch(server, part)
    assert server.ranges("file.bin")[-1] == f"bytes={left}-"


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(server: MirrorServer, part: Partial) -> None:
    stalled(server, part, 60_000, silent, silent, silent)
    changed = random.Random(2).randbytes(200_000)
    server.files["file.bin"] = changed
    server.behaviours["file.bin"] = []
    download(f"{server.address}/file.bin", part, Listener(), QUICK)
    assert server.ranges("file.bin")[-1] is not None
    assert part.path.read_bytes() == changed


def test_a_complete_part_is_not_fetched_again(server: MirrorServer, part: Partial) -> None:
    fetch(server, part)
    count = len(server.requests)
    fetch(server, part)
    assert len(server.requests) == count


def test_without_a_version_nothing_is_joined(server: MirrorServer, part: Partial) -> None:
    fetch(server, part, without_version(100_000))
    assert server.ranges("file.bin") == [None, None]


def test_a_part_too_long_for_what_is_there_now_is_dropped(server: MirrorServer, part: Partial) -> None:
    part.start({"total": "400000", "validator": tag(CONTENT)})
    part.path.write_bytes(bytes(350_000))
    fetch(server, part, status(416))
    assert server.ranges("file.bin") == ["bytes=350000-", None]


def test_another_part_than_asked_for_is_not_joined(server: MirrorServer, part: Partial) -> None:
    part.start({"total": str(len(CONTENT)), "validator": tag(CONTENT)})
    part.path.write_bytes(CONTENT[:1000])
    fetch(server, part, wrong_part)
    assert server.ranges("file.bin") == ["bytes=1000-", None]


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_server_that_recovers_is_asked_again(server: MirrorServer, part: Partial, code: int) -> None:
    listener = fetch(server, part, status(code), status(code))
    assert f"HTTP {code}" in listener.notes[0]


def test_retry_after_is_respected(server: MirrorServer, part: Partial) -> None:
    listener = fetch(server, part, status(503, Retry_After="1"))
    assert "trying again in 1.0 s" in listener.notes[0]


def test_a_server_that_does_not_recover_is_given_up(server: MirrorServer, part: Partial) -> None:
    error = fail(server, part, *[status(500)] * 10)
    assert error.found == "the server answers HTTP 500, after 3 attempts"
    assert "PPOCR_EDGE_MIRROR" in error.remedy
    assert len(server.requests) == 3


@pytest.mark.parametrize("code", [404, 410])
def test_a_missing_file_is_another_error_and_asked_for_once(
    server: MirrorServer, part: Partial, code: int
) -> None:
    assert isinstance(fail(server, part, status(code)), NotThereError)
    assert len(server.requests) == 1
    assert part.size() == 0


@pytest.mark.parametrize("code", [400, 401, 403, 451])
def test_a_refusal_is_not_retried(server: MirrorServer, part: Partial, code: int) -> None:
    assert f"HTTP {code}" in fail(server, part, status(code)).found
    assert len(server.requests) == 1


def test_a_stalled_transfer_ends_in_time_and_keeps_what_it_has(server: MirrorServer, part: Partial) -> None:
    error = stalled(server, part, 50_000, *[stall_after(0)] * 5)
    assert error.found == "the server does not answer in time, after 3 attempts"


def test_a_server_that_never_answers_ends_in_time(server: MirrorServer, part: Partial) -> None:
    error = fail(server, part, *[silent] * 5, patience=IMPATIENT)
    assert error.found == "the server does not answer in time, after 3 attempts"


def test_a_trickle_counts_as_stalled(server: MirrorServer, part: Partial) -> None:
    """It would never time out: each byte comes well before the limit."""
    patience = Patience(attempts=2, backoff=0.01, read=60.0, slow_window=0.3, slow_rate=10_000, requests=2)
    error = fail(server, part, *[trickle(20, 0.05)] * 5, patience=patience)
    assert "sends almost nothing" in error.found


def test_a_slow_but_steady_server_is_waited_for(server: MirrorServer, part: Partial) -> None:
    fetch(server, part, trickle(30_000, 0.1), patience=IMPATIENT)


def test_progress_does_not_count_as_a_failure(server: MirrorServer, part: Partial) -> None:
    listener = fetch(server, part, *[cut_after(30_000)] * 8)
    assert len(listener.notes) == 8


def test_the_number_of_requests_is_bounded(server: MirrorServer, part: Partial) -> None:
    patience = Patience(attempts=3, backoff=0.001, requests=6)
    assert "after 6 attempts" in fail(server, part, *[cut_after(2_000)] * 50, patience=patience).found


def test_a_file_without_announced_length(server: MirrorServer, part: Partial) -> None:
    assert fetch(server, part, without_length).totals == [None]


def test_a_file_larger_than_any_model_is_refused(server: MirrorServer, part: Partial) -> None:
    patience = Patience(attempts=1, largest=100_000)
    assert "300000 bytes, more than a model can have" in fail(server, part, patience=patience).found
    assert part.size() == 0


def test_an_endless_file_is_refused(server: MirrorServer, part: Partial) -> None:
    patience = Patience(attempts=1, largest=100_000)
    assert "sends more" in fail(server, part, without_length, patience=patience).found
    assert part.size() == 0


def test_a_recoded_file_is_refused(server: MirrorServer, part: Partial) -> None:
    assert "re-encodes" in fail(server, part, encoded).found


def test_redirection_is_followed(server: MirrorServer, part: Partial) -> None:
    server.files["moved.bin"] = CONTENT
    fetch(server, part, status(302, Location="/moved.bin"))


def test_a_circle_of_redirections_ends(server: MirrorServer, part: Partial) -> None:
    assert "in a circle" in fail(server, part, *[status(302, Location="/file.bin")] * 40).found


def test_a_closed_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with pytest.raises(SourceError) as caught:
            download(f"http://127.0.0.1:{port}/file.bin", Partial(tmp_path / "part"), Listener(), QUICK)
    assert "Connection refused" in caught.value.found
    assert "object at" not in caught.value.found


def test_a_name_that_cannot_be_resolved_is_kind(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        download("https://models.invalid/file.bin", Partial(tmp_path / "part"), Listener(), QUICK)
    assert caught.value.subject == "https://models.invalid/file.bin"
    assert "models.invalid" in caught.value.found
    assert "object at" not in caught.value.found
    assert "--source" in caught.value.remedy


@pytest.mark.parametrize("address", ["http://", "http://[::1", "http://exa mple:99999/x", "gopher://host/x"])
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    with pytest.raises(SourceError):
        download(address, Partial(tmp_path / "part"), Listener(), QUICK)


def test_passwords_in_addresses_are_not_shown(server: MirrorServer, part: Partial) -> None:
    address = server.address.replace("http://", "http://me:secret@")
    with pytest.raises(SourceError) as caught:
        download(f"{address}/nothing.bin", part, Listener(), QUICK)
    assert "secret" not in caught.value.one_line()
    assert public_form(address) == server.address


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-made certificate for 127.0.0.1, with its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem"


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[MirrorServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with running_server(context) as running:
        running.files["file.bin"] = CONTENT
        yield running


def test_a_certificate_nobody_vouches_for_is_refused(tls_server: MirrorServer, part: Partial) -> None:
    with pytest.raises(SourceError) as caught:
        download(tls_server.address.replace("http:", "https:") + "/file.bin", part, Listener(), QUICK)
    assert "its certificate cannot be verified" in caught.value.found
    assert tls_server.requests == []
    assert part.size() == 0


def test_a_certificate_the_user_trusts_is_accepted(
    tls_server: MirrorServer, certificate: Path, part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    download(tls_server.address.replace("http:", "https:") + "/file.bin", part, Listener(), QUICK)
    assert part.path.read_bytes() == CONTENT


def test_redirection_away_from_https_is_refused(
    tls_server: MirrorServer,
    server: MirrorServer,
    certificate: Path,
    part: Partial,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server.files["file.bin"] = CONTENT
    tls_server.behaviours["file.bin"] = [status(302, Location=f"{server.address}/file.bin")]
    with pytest.raises(SourceError) as caught:
        download(tls_server.address.replace("http:", "https:") + "/file.bin", part, Listener(), QUICK)
    assert caught.value.found == "redirected to an unprotected address"
    assert part.size() == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "\0"])
def test_an_unreadable_version_file_means_starting_over(
    server: MirrorServer, part: Partial, text: str
) -> None:
    part.path.write_bytes(bytes(1000))
    part.path.with_name(part.path.name + ".json").write_text(text)
    fetch(server, part)
    assert server.ranges("file.bin") == [None]
