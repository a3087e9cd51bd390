"""Failures while a library loads a ``.nb``."""

from __future__ import annotations

from typing import Final

from edge.failures.row import Row

_COPY_AGAIN: Final = "copy it again and compare hashes; 'ppocr-edge inspect FILE' says what is left of it"
_INSPECT: Final = "see 'ppocr-edge inspect FILE', and convert for the target the library was built for"

LOADING: Final[tuple[Row, ...]] = (
    Row(
        "missing-file",
        "load",
        "there is no readable file {path}",
        "check the path as the device sees it, and the file's permissions",
        needles=("BinaryFileReader",),
        pattern=r"BinaryFileReader\].*Unable to open file:? *(?P<path>.*)$",
    ),
    Row(
        "empty-file",
        "load",
        "the model file is empty, is a folder, or ends where its weights should begin",
        _COPY_AGAIN,
        needles=("Failed to read 2 bytes",),
    ),
    Row(
        "truncated-file",
        "load",
        "the model file is cut off: {count} more bytes were expected",
        _COPY_AGAIN,
        needles=("Failed to read",),
        pattern=r"Failed to read (?!2 bytes)(?P<count>\d+) bytes",
    ),
    Row(
        "not-a-model",
        "load",
        "the file is no .nb model (a .pdmodel, a text such as a Git LFS pointer, or other bytes)",
        "convert the model with opt (ppocr-edge convert), or fetch the real file",
        needles=("The model format cannot be recognized",),
    ),
    Row(
        "old-format",
        "load",
        "the model has the .nb format before Paddle-Lite 2.7 (meta version 0), or is no .nb at all",
        "convert the model again with the opt of this library",
        needles=("upgraded the naive-buffer model format",),
    ),
    Row(
        "old-format",
        "load",
        "the file starts with two zero bytes, so it was read as a .nb from before Paddle-Lite 2.7 or is none "
        "(a .pdiparams starts so)",
        "convert the model again with the opt of this library",
        needles=("LoadModelNaiveV0From",),
        pattern=r"LoadModelNaiveV0From\w+\] Error: the version of opt",
    ),
    Row(
        "damaged-file",
        "load",
        "bytes of the model file are damaged",
        _COPY_AGAIN,
        needles=("erif",),
        pattern=r"VerifyBuffer|(?:Param|Program|ParamsDesc|Cache) verification failed",
    ),
    Row(
        "damaged-file",
        "load",
        "a size in the model file is damaged: {size} bytes of memory were asked for",
        _COPY_AGAIN,
        needles=("no enough for mallocing",),
        pattern=r"no enough for mallocing (?P<size>\d+)",
    ),
    Row(
        "damaged-file",
        "load",
        "names in the model file are damaged: one that must be there is not found",
        _COPY_AGAIN,
        needles=("GetKeyIterator]", "it != inputs_.end()", "it != outputs_.end()"),
    ),
    Row(
        "damaged-file",
        "load",
        "a size in the model file is damaged",
        _COPY_AGAIN,
        needles=("offset + size > size",),
    ),
    Row(
        "damaged-file",
        "load",
        "the parameter section of the model file is damaged",
        _COPY_AGAIN,
        needles=("The version of params must be zero",),
    ),
    Row(
        "out-of-memory",
        "load",
        "memory ran out: a size in the model file is damaged, the file has a format before Paddle-Lite 2.7, "
        "or the machine is too small",
        "check the file with 'ppocr-edge inspect FILE'; if it is sound, use a smaller model or input",
        needles=("std::bad_alloc",),
    ),
    Row(
        "opencl-on-cpu-library",
        "load",
        "the model was converted for OpenCL, and this library has no OpenCL kernels (none for 'io_copy')",
        "convert for arm alone, or use an OpenCL library (and the target arm,opencl, never opencl alone)",
        needles=("io_copy",),
        pattern=r"kernel for 'io_copy(?:_once)?'",
    ),
    Row(
        "int8-or-fp16-library",
        "load",
        "the library lacks the INT8 or FP16 kernels of this model (none for 'calib')",
        "use a newer library built with them, or convert without --fp16",
        needles=("calib",),
        pattern=r"kernel for 'calib(?:_once)?'",
    ),
    Row(
        "wrong-target",
        "load",
        "the library has no kernel for '{op}': the model was converted for another target than the library's",
        _INSPECT,
        needles=("kernel for '",),
        pattern=r"because kernel for '(?P<op>[^']*)' is not supported",
    ),
    Row(
        "library-without-extra",
        "load",
        "the library was built without the extra ops, and has none for '{op}'",
        "use a library built with --with_extra=ON (with_extra in its name), and check the model's target",
        needles=("can not create",),
        pattern=r"can not create (?:operator|kernel for) '(?P<op>[^']*)'",
    ),
    Row(
        "unknown-op",
        "load",
        "the library does not know the op '{op}': the model was converted by a newer opt, or is damaged",
        "convert with the opt of this very library version",
        needles=("because operator '",),
        pattern=r"because operator '(?P<op>[^']*)' is not supported",
    ),
    Row(
        "unknown-kernel",
        "load",
        "the library knows an op of the model but not the variant that opt chose: opt and library differ",
        "convert with the opt of this very library version",
        needles=("it != kernels.end()",),
    ),
    Row(
        "version-mismatch",
        "load",
        "opt {opt} wrote the model, but the library is {library}: kernels can be missing or results wrong",
        "convert again with the opt of the library's version",
        needles=("not consistent with current Paddle-Lite version",),
        pattern=r"not consistent with current Paddle-Lite version\.?"
        r"(?:\s+version of opt: *(?P<opt>.*))?(?:\s+version of current Paddle-Lite: *(?P<library>.*))?",
        severity="warning",
    ),
    Row(
        "no-kernel-found",
        "load",
        "no kernel was found for '{op}': opt and library differ, or the target does",
        _INSPECT,
        needles=("No kernels found for",),
        pattern=r"No kernels found for '?(?P<op>\w+)",
    ),
)
