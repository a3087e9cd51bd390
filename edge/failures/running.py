"""Failures while a loaded model runs."""

from __future__ import annotations

from typing import Final

from edge.failures.row import Row

_SHAPES: Final = "give a float32 array of N×3×H×W with no side 0; check it before the call"

RUNNING: Final[tuple[Row, ...]] = (
    Row(
        "wrong-shape",
        "run",
        "an op refused its input's shape: wrong number of dimensions, an empty batch, or an input never set",
        _SHAPES,
        needles=("CheckShape",),
        pattern=r"CheckShape\(\)|CheckShape\].*(?:dims|Check failed)",
    ),
    Row(
        "empty-input",
        "run",
        "a tensor of size 0 was asked for: the batch is empty, or a side is 0",
        _SHAPES,
        needles=("Malloc] Check failed: size",),
    ),
    Row(
        "side-not-multiple-of-32",
        "run",
        "two feature maps do not fit: a detection input whose height or width is no multiple of 32",
        "round height and width to multiples of 32",
        needles=("Wrong broadcast type",),
    ),
    Row(
        "no-such-input",
        "run",
        "the model has {count} inputs or outputs, and one beyond them was asked for",
        "count inputs and outputs first ('ppocr-edge inspect FILE')",
        needles=("the offset should be less than this",),
        pattern=r"The network has (?P<count>\d+) (?:in|out)puts",
    ),
    Row(
        "heap-corrupted",
        "run",
        "memory was overwritten: on x86 one predictor was used for several heights or widths",
        "use one predictor for each height and width",
        needles=(
            "double free or corruption",
            "free(): invalid",
            "malloc(): ",
            "malloc_consolidate(): ",
            "realloc(): invalid",
            "munmap_chunk(): invalid",
            "corrupted size vs. prev_size",
            "corrupted double-linked list",
            "Scudo ERROR",
        ),
    ),
    Row(
        "cpu-count",
        "run",
        "/sys/devices/system/cpu shows fewer processors than /proc/cpuinfo (a container without /sys)",
        "mount /sys into the container",
        needles=("vector::_M_range_check",),
    ),
    Row(
        "opencl-missing",
        "run",
        "no usable OpenCL on this device: {what}",
        "convert for arm alone, or put the vendor's libOpenCL.so on the library path",
        needles=("OpenC",),
        pattern=r"(?P<what>No OpenCL platform found|Invalid opencl device[^\n]{0,80}|"
        r"Failed to (?:find|load) OpenCL[^\n]{0,80})",
    ),
    Row(
        "input-type",
        "run",
        "input '{name}' was given as {given}, the model takes {wanted}; the values are misread",
        "cast the input to {wanted}",
        needles=("Error input tensor precision type",),
        pattern=r"Error input tensor precision type.*Tensor name \((?P<name>[^)]*)\)"
        r" Require precision type \((?P<wanted>[^)]*)\) Input precision type \((?P<given>[^)]*)\)",
        severity="warning",
    ),
    Row(
        "threads-cut",
        "run",
        "{asked} threads were asked for, {given} were used: the device has no more big cores",
        "say so with the latency, or ask for {given}",
        needles=("exceed the big cores size",),
        pattern=r"Request thread num: (?P<asked>\d+), exceed the big cores size: \d+, "
        r"truncate thread num to (?P<given>\d+)",
        severity="warning",
    ),
    Row(
        "cores-offline",
        "run",
        "some cores are parked, so threads are not bound to cores and latencies do not compare",
        "wake the cores (cool the device, charge it, leave power saving) and measure again",
        needles=("switch to NO BIND MODE",),
        severity="warning",
    ),
)
