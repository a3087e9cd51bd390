"""Fetching one file over HTTP: resumes, retries, gives up in time."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3

from edge.errors import SourceError
from slim.zoo.partial import Partial
from slim.zoo.progress import Progress
from slim.zoo.sources import NotThereError

_CHUNK: Final = 1 << 16
_TRANSIENT_STATUS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_MISSING_STATUS: Final = frozenset({404, 410})
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_OBJECT_NAME: Final = re.compile(r"^(<[^>]*>|HTTPS?Connection(Pool)?\([^)]*\)): ")
_USER_AGENT: Final = "ppocr-edge"
USE_MIRROR: Final = (
    "check the connection, or name a mirror with --source or PPOCR_EDGE_MIRROR: an http(s) address or a "
    "folder laid out like the publisher's server"
)


@dataclass(frozen=True)
class Patience:
    """When to try again and when to give up.

    Attributes:
        attempts: Failures in a row without a new byte after which to give up.
        backoff: Seconds before the second attempt; doubled for each further one.
        connect: Seconds to wait for a connection.
        read: Seconds to wait for the next bytes.
        slow_window: Seconds over which the rate is judged.
        slow_rate: Bytes a second below which a transfer counts as stalled.
        largest: Bytes above which a file is refused.
        requests: Requests after which to give up, whatever they brought.
    """

    attempts: int = 4
    requests: int = 50
    backoff: float = 0.5
    connect: float = 10.0
    read: float = 30.0
    slow_window: float = 60.0
    slow_rate: float = 1024.0
    largest: int = 2 << 30


class _RetryError(Exception):
    """This attempt failed in a way that another may not."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        self.wait = wait
        super().__init__(reason)


class _DiscardError(_RetryError):
    """As `_RetryError`, and what was fetched so far is of no use."""


def public_form(address: str) -> str:
    """The address without user name and password, for messages and records.

    Raises:
        SourceError: Not an address at all.
    """
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise SourceError(address.rpartition("@")[2], "not an http or https address", USE_MIRROR) from error
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def download(address: str, part: Partial, progress: Progress, patience: Patience | None = None) -> bool:
    """Fetch a file completely into ``part``, continuing what an earlier call left there.

    Two versions of a file are never joined: where the server names no version (ETag or Last-Modified), every
    attempt starts over. Certificates are always checked, and a redirection away from https is refused.

    Args:
        address: An http or https address.
        part: Where to put the bytes; kept when the call fails, so that the next one can resume.
        progress: Told about size, bytes and retries.
        patience: Limits; the default ones where None.

    Returns:
        Whether an earlier call had left bytes there.

    Raises:
        NotThereError: The server has no such file.
        SourceError: It cannot be fetched: no connection, refused, stalled, too large.
    """
    limits = patience or Patience()
    shown = public_form(address)
    resumed = part.size() > 0
    failures = 0
    with requests.Session() as session:
        for count in itertools.count(1):
            before = part.size()
            try:
                _attempt(session, address, part, progress, limits)
            except _RetryError as error:
                if isinstance(error, _DiscardError):
                    part.discard()
                failures = 1 if part.size() > before else failures + 1
                if failures >= limits.attempts or count >= limits.requests:
                    raise SourceError(shown, f"{error}, after {count} attempts", USE_MIRROR) from error
                wait = max(error.wait, limits.backoff * 2 ** (failures - 1))
                progress.note(f"{shown}: {error}; trying again in {wait:.1f} s")
                time.sleep(wait)
            else:
                break
    return resumed


def _attempt(
    session: requests.Session, address: str, part: Partial, progress: Progress, limits: Patience
) -> None:
    """One request. Returns when the file is complete."""
    shown = public_form(address)
    start, version = part.size(), part.version()
    if start and version.get("total") == str(start):
        return  # an earlier call ended between the last byte and its use
    headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"}
    if start and version.get("validator"):
        headers |= {"Range": f"bytes={start}-", "If-Range": version["validator"]}
    try:
        with session.get(
            address, headers=headers, stream=True, timeout=(limits.connect, limits.read)
        ) as response:
            _check_response(response, shown)
            total, offset = _expected(response, start, version)
            if (total or 0) > limits.largest:
                raise SourceError(shown, f"{total} bytes, more than a model can have", USE_MIRROR)
            if offset == 0:
                part.start(_version_of(response, total))
            progress.started(shown.rsplit("/", 1)[-1], total)
            _receive(response, part, offset, total, progress, limits)
    except requests.exceptions.SSLError as error:
        raise SourceError(
            shown, f"its certificate cannot be verified ({_cause(error)})", USE_MIRROR
        ) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError) as error:
        raise SourceError(shown, "not an http or https address", USE_MIRROR) from error
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise _RetryError("the server does not answer in time") from error
    except requests.exceptions.TooManyRedirects as error:
        raise SourceError(shown, "redirected in a circle", USE_MIRROR) from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _RetryError(f"the connection fails ({_cause(error)})") from error


def _check_response(response: requests.Response, shown: str) -> None:
    """Raise unless the response carries (a part of) the file."""
    status = response.status_code
    if urlsplit(shown).scheme == "https" and urlsplit(response.url).scheme != "https":
        raise SourceError(shown, "redirected to an unprotected address", USE_MIRROR)
    if status in _MISSING_STATUS:
        raise NotThereError(shown, f"the server has no such file (HTTP {status})", USE_MIRROR)
    if status == 416:  # what we have does not fit what is there now
        raise _DiscardError("the file there has changed")
    if status in _TRANSIENT_STATUS:
        seconds = response.headers.get("Retry-After", "")
        raise _RetryError(
            f"the server answers HTTP {status}", min(float(seconds), 30.0) if seconds.isdigit() else 0.0
        )
    if status not in (200, 206):
        raise SourceError(shown, f"the server answers HTTP {status} {response.reason or ''}", USE_MIRROR)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise SourceError(shown, "the server re-encodes the file on its way", USE_MIRROR)


def _expected(response: requests.Response, start: int, version: Mapping[str, str]) -> tuple[int | None, int]:
    """Size of the whole file where the server tells, and at which byte this response begins."""
    length = response.headers.get("Content-Length", "")
    if response.status_code == 200:
        return (int(length) if length.isdigit() else None), 0
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    total = match[3] if match else ""
    if match is None or int(match[1]) != start or version.get("total", total) != total:
        raise _DiscardError("the server answers with another part than asked for")
    return int(total), start


def _receive(
    response: requests.Response,
    part: Partial,
    offset: int,
    total: int | None,
    progress: Progress,
    limits: Patience,
) -> None:
    done = offset
    window_start, window_done = time.monotonic(), done
    with part.path.open("ab") as out:
        # whatever has arrived, at once: larger reads would lose it when the connection breaks
        while chunk := response.raw.read1(_CHUNK):
            out.write(chunk)
            done += len(chunk)
            if done > (limits.largest if total is None else total):
                part.discard()
                raise SourceError(public_form(response.url), "sends more than it announced", USE_MIRROR)
            progress.advanced(done)
            elapsed = time.monotonic() - window_start
            if elapsed > limits.slow_window:
                if done - window_done < limits.slow_rate * elapsed:
                    raise _RetryError("the server sends almost nothing")
                window_start, window_done = time.monotonic(), done
    if total is not None and done < total:
        raise _RetryError(f"the connection ended after {done} of {total} bytes")


def _version_of(response: requests.Response, total: int | None) -> dict[str, str]:
    """What tells this version of the file from another: size, and a strong validator where there is one."""
    version = {} if total is None else {"total": str(total)}
    tag = response.headers.get("ETag", "")
    validator = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")
    if validator:
        version["validator"] = validator
    return version


def _cause(error: BaseException) -> str:
    """The innermost reason, without the objects' names that urllib3 wraps around it."""
    seen = error
    while True:
        inner = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None)
        if not isinstance(inner, BaseException):
            break
        seen = inner
    text = str(inner or seen) or type(seen).__name__
    return _OBJECT_NAME.sub("", text).strip()
