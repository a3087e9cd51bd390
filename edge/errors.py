"""The exception tree: everything this toolkit raises on purpose.

::

    PpocrEdgeError                 ends the command in one line on stderr, exit code 2
    ├── InputError                 something the user named cannot be used
    │   ├── ImageError             an image file or array
    │   ├── NbFormatError          a Paddle-Lite ``.nb`` file
    │   ├── BundleError            a bundle folder or its manifest
    │   ├── ModelError             a model name, inference model or checkpoint
    │   ├── TensorError            a tensor of the wrong shape, dtype or layout
    │   └── ReleaseError           a release, or a part of it, that is not what its maker signed
    ├── SourceError                a model source: download, mirror, archive, hash
    ├── ConversionError            ``opt`` refused or died
    ├── BuildError                 the native runner cannot be built
    ├── TrainingError              a training process died or hung, or its numbers ran away
    ├── PredictorError             the inference process refused, died or hung
    │   ├── PredictorCrashedError  it ended by a signal or ``abort()``
    │   └── PredictorTimeoutError  it did not answer in time
    └── DeviceError                a device cannot be reached, refuses, or is not what it should be
        └── DeviceTimeoutError     a command there did not end in time

A message is one line: what was named, what was found there, and what to do about it.
"""

from __future__ import annotations


class PpocrEdgeError(Exception):
    """Base of all errors raised on purpose.

    Args:
        subject: The file, option or model the error is about, as the user would name it.
        found: What was found there.
        remedy: What the user can do, as a full clause; may be empty where nothing can be said.
    """

    exit_code = 2

    def __init__(self, subject: object, found: str, remedy: str = "") -> None:
        self.subject = str(subject)
        self.found = found
        self.remedy = remedy
        super().__init__(self.one_line())

    def __reduce__(self) -> tuple[type[PpocrEdgeError], tuple[str, str, str]]:
        """Let errors of helper processes be raised in the main one."""
        return type(self), (self.subject, self.found, self.remedy)

    def one_line(self) -> str:
        """The message on exactly one line, whatever the parts contain."""
        text = f"{self.subject}: {self.found}"
        if self.remedy:
            text += f"; {self.remedy}"
        return " ".join(text.split())


class InputError(PpocrEdgeError):
    """Something the user named cannot be used."""


class ImageError(InputError):
    """An image file or array that cannot be read as a picture."""


class NbFormatError(InputError):
    """A file that is not a readable Paddle-Lite ``.nb`` model."""


class BundleError(InputError):
    """A bundle folder or manifest that is incomplete, damaged or of another kind."""


class ModelError(InputError):
    """An unknown model name, or an inference model or checkpoint that cannot be used."""


class TensorError(InputError):
    """A tensor whose shape, dtype or layout the model does not take."""


class ReleaseError(InputError):
    """A release, or a part of it, that is incomplete, changed, unsafe or not signed as it should be."""


class SourceError(PpocrEdgeError):
    """A model source failed: download, mirror, archive or hash."""


class ConversionError(PpocrEdgeError):
    """``opt`` refused or died."""


class BuildError(PpocrEdgeError):
    """A native program cannot be built: a tool is missing, or the compiler refused."""


class TrainingError(PpocrEdgeError):
    """A training process died or hung, or its numbers ran away."""


class PredictorError(PpocrEdgeError):
    """The inference process refused a request, died or hung."""


class PredictorCrashedError(PredictorError):
    """The inference process ended by a signal, ``abort()`` or an unexpected exit."""


class PredictorTimeoutError(PredictorError):
    """The inference process did not answer within its time limit and was ended."""


class DeviceError(PpocrEdgeError):
    """A device cannot be reached, refuses, or is not what it should be."""


class DeviceTimeoutError(DeviceError):
    """A command on a device did not end within its time limit and was ended."""
