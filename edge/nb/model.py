"""A ``.nb`` model: what it is, who wrote it, and where it can run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from edge.nb.damage import NbDamageError
from edge.nb.files import naming, read_file
from edge.nb.header import HEADER_SIZE, parse_header
from edge.nb.op import NbOp
from edge.nb.params import NbParam, parse_params
from edge.nb.topology import NbTensor, Topology, parse_topology

Precision = Literal["fp32", "fp16", "int8", "int8-weights", "int16-weights"]

# kernels for these stand in every library, whatever it was built for
_EVERYWHERE: Final = frozenset({"host", "any"})
# the order in which targets are named: the processor before what it drives
_PROCESSORS: Final = ("x86", "arm")


@dataclass(frozen=True)
class NbModel:
    """What stands in a ``.nb`` file.

    Attributes:
        path: Where it was read.
        size: Bytes of the file.
        sha256: Of the whole file, in hex.
        meta_version: Version of the file format.
        opt_version: Version of the ``opt`` that wrote it.
        targets: Names of the targets its kernels are for, without the host kernels that every library has.
        precision: How it computes: ``int8`` kernels, ``fp16`` kernels or fp16-marked weights, or float with
            weights stored as 8 or 16-bit integers, or plain ``fp32``. The first that holds. OpenCL kernels do
            not count: the library decides their precision when it runs.
        ops: In execution order.
        inputs: What is fed, as declared.
        outputs: What is fetched, as declared.
        params: The weights.
    """

    path: Path
    size: int
    sha256: str
    meta_version: int
    opt_version: str
    targets: frozenset[str]
    precision: Precision
    ops: tuple[NbOp, ...]
    inputs: tuple[NbTensor, ...]
    outputs: tuple[NbTensor, ...]
    params: tuple[NbParam, ...]

    @property
    def main_target(self) -> str:
        """``x86``, ``arm``, ``arm,opencl`` …; ``host`` where no kernel is for anything else."""
        order = sorted(self.targets, key=lambda name: (name not in _PROCESSORS, name))
        return ",".join(order) or "host"

    @property
    def kernels(self) -> dict[str, int]:
        """How many ops run on each ``target/precision/layout``, most frequent first."""
        places = (f"{op.kernel.target}/{op.kernel.precision}/{op.kernel.layout}" for op in self.ops)
        return dict(Counter(places).most_common())

    @property
    def weight_bytes(self) -> dict[str, int]:
        """Bytes of the weights by data type."""
        sums: Counter[str] = Counter()
        for param in self.params:
            sums[param.dtype] += param.size
        return dict(sums.most_common())

    def runs_on(self, targets: Collection[str]) -> bool:
        """Whether a library built for these targets has the kernels of this model.

        Args:
            targets: Such as ``{"arm", "opencl"}``.
        """
        return self.targets <= frozenset(targets)

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON types; ops and weights in full."""
        values = asdict(self)
        values["path"] = str(self.path)
        values["targets"] = sorted(self.targets)
        values["main_target"] = self.main_target
        values["kernels"] = self.kernels
        values["weight_bytes"] = self.weight_bytes
        for op, source in zip(values["ops"], self.ops, strict=True):
            op["kernel"] = str(source.kernel)
        return values


def read_nb(path: Path | str) -> NbModel:
    """Read a ``.nb`` model of any origin.

    The file is read once; nothing of it is trusted. Weight *values* cannot be checked: only a hash shows
    that they are the ones that were sent.

    Raises:
        NbFormatError: Missing, no ``.nb``, of an unreadable format version, truncated or damaged.
    """
    path = Path(path)
    data = read_file(path)
    with naming(path):
        header = parse_header(data)
        topology_end = HEADER_SIZE + header.topology_size
        topology = parse_topology(data[HEADER_SIZE:topology_end])
        params = parse_params(data[topology_end:], header.meta_version)
        _check_weights(topology, params)
        return NbModel(
            path=path,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            meta_version=header.meta_version,
            opt_version=header.opt_version,
            targets=frozenset(op.kernel.target for op in topology.ops) - _EVERYWHERE,
            precision=_precision(topology.ops, params),
            ops=topology.ops,
            inputs=topology.inputs,
            outputs=topology.outputs,
            params=params,
        )


def _check_weights(topology: Topology, params: tuple[NbParam, ...]) -> None:
    """Paddle-Lite computes with uninitialised memory where a weight is missing, so it must not be."""
    missing = topology.weights - {param.name for param in params}
    if missing:
        raise NbDamageError(
            f"{len(missing)} weights of the topology are missing, such as {min(missing)[:60]!r}"
        )


def _precision(ops: tuple[NbOp, ...], params: tuple[NbParam, ...]) -> Precision:
    if any(op.kernel.precision == "int8" for op in ops):
        return "int8"
    stored = {param.dtype for param in params}
    for bits, name in ((8, "int8"), (16, "int16")):
        if name in stored and any(op.weight_bits == bits for op in ops):
            return "int8-weights" if bits == 8 else "int16-weights"
    if any(op.fp16_weights or (op.kernel.precision == "fp16" and op.kernel.target != "opencl") for op in ops):
        return "fp16"
    return "fp32"
