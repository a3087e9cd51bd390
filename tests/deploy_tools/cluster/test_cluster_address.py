"""Addresses, who may listen where, certificates, and hosts without Dask."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deploy_tools.cluster.address import Address, check_listener, parse_address
from deploy_tools.cluster.certificates import Certificates, security_of
from deploy_tools.cluster.dask import set_up
from deploy_tools.cluster.facing import facing
from edge.errors import InputError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://127.0.0.1:8786", Address("tcp", "127.0.0.1", 8786)),
        ("tls://lab.example:99", Address("tls", "lab.example", 99)),
        ("tcp://lab", Address("tcp", "lab", 8786)),
        ("tcp://[::1]:0", Address("tcp", "::1", 0)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text, "--cluster") == address
    assert parse_address(str(address), "") == address


@pytest.mark.parametrize(
    "text",
    ["", "lab:8786", "http://lab:1", "tcp://", "tcp://:1", "tcp://lab:70000", "tcp://a b:1", "tcp://-x:1"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError, match=r"--cluster .*is no address of a scheduler; write tcp://HOST:8786"):
        parse_address(text, "--cluster")


@pytest.mark.parametrize(
    "text", ["tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1", "tls://0.0.0.0:1"]
)
def test_where_anybody_may_listen(text: str) -> None:
    check_listener(parse_address(text, "--listen"), "--listen", allow=False)


@pytest.mark.parametrize("text", ["tcp://0.0.0.0:1", "tcp://10.0.0.2:1", "tcp://[::]:1", "tcp://lab:1"])
def test_a_network_is_not_listened_to_without_encryption(text: str) -> None:
    address = parse_address(text, "--listen")
    with pytest.raises(InputError, match="whoever reaches it can run programs here") as caught:
        check_listener(address, "--listen", allow=False)
    assert "--allow-unencrypted" in caught.value.one_line()
    check_listener(address, "--listen", allow=True)


def test_the_address_that_faces_another_host() -> None:
    assert facing(parse_address("tcp://127.0.0.1", "")) == "127.0.0.1"
    with pytest.raises(InputError, match=r"tcp://nosuch\.invalid:8786: no way leads there \(.*name --listen"):
        facing(parse_address("tcp://nosuch.invalid", ""))


def test_a_host_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"worker: needs dask\[distributed\], which is not installed"):
        set_up("worker")


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    secure, plain = parse_address("tls://lab", ""), parse_address("tcp://lab", "")
    assert security_of(plain, Certificates()) is None
    with pytest.raises(InputError, match=r"--tls-cert .*does not go together with tcp://lab:8786"):
        security_of(plain, Certificates(certificate=tmp_path / "x"))
    with pytest.raises(InputError, match="tls://lab:8786: needs certificates; give --tls-ca-file"):
        security_of(secure, Certificates())
    with pytest.raises(InputError, match=r"--tls-ca-file .*nosuch: cannot be read \(No such file"):
        security_of(secure, Certificates(tmp_path / "nosuch", tmp_path / "x"))
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    with pytest.raises(InputError, match="the certificates cannot be used"):
        security_of(secure, Certificates(bad, bad, bad))
