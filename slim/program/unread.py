"""Attributes of ops that Paddle-Lite never reads, or takes for what they say where they are missing.

Found in the sources of Paddle-Lite 2.9 to 2.13 and of its develop branch (2024-03): ops, passes of ``opt``,
kernels for ARM, OpenCL and x86. Not so in those for other accelerators.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from slim.program.program import Attribute, Value

UNREAD: Final = frozenset(
    {
        # of whoever made the program
        *("op_callstack", "op_namescope", "op_role", "op_role_var", "op_device"),
        # of quantizers
        *("with_quant_attr", "moving_rate", "skip_quant"),
        # of training
        "trainable_statistics",
        # of cuDNN and oneDNN
        *("use_cudnn", "mkldnn_data_type", "exhaustive_search", "workspace_size_MB", "use_addto"),
        *("force_fp32_output", "fuse_activation", "fuse_alpha", "fuse_beta", "fuse_brelu", "fuse_with_relu"),
        *("fuse_relu_before_depthwise_conv", "fuse_residual_connection"),
        *("Scale_in", "Scale_out", "Scale_in_eltwise", "Scale_weights", "Scale_data", "Scale_x", "Scale_y"),
        *("x_data_format", "y_data_format"),
        *("fused_reshape_X", "fused_reshape_Y", "fused_reshape_Out"),
        *("fused_transpose_X", "fused_transpose_Y", "fused_transpose_Out"),
    }
)
"""Read by no op at all. ``use_cudnn`` was, for CUDA, and ``fuse_brelu`` only ever has been set."""

_CONVOLUTIONS: Final = frozenset({"conv2d", "depthwise_conv2d", "conv2d_transpose"})
_ELEMENTWISE: Final = frozenset({"elementwise_add", "elementwise_mul", "elementwise_sub", "elementwise_div"})
_ACTIVATIONS: Final = frozenset({"relu", "hard_swish", "hard_sigmoid", "swish", "sigmoid", "softmax"})

UNREAD_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "is_test": _CONVOLUTIONS | _ELEMENTWISE | _ACTIVATIONS | {"pool2d", "mul", "matmul", "matmul_v2"},
        "data_format": _CONVOLUTIONS | _ACTIVATIONS | {"pool2d"},
        "fuse_brelu_threshold": _CONVOLUTIONS,  # but with act_type, which only opt sets
    }
)
"""Attribute: ops that do not read it, though others do."""

DEFAULTS: Final[Mapping[str, tuple[Value, frozenset[str] | None]]] = MappingProxyType(
    {
        "use_mkldnn": (False, None),
        "use_quantizer": (False, None),
        "fuse_relu": (False, None),
        "padding_algorithm": ("EXPLICIT", _CONVOLUTIONS | {"pool2d"}),
        "use_global_stats": (False, frozenset({"batch_norm"})),
        "adaptive": (False, frozenset({"pool2d"})),
        "ceil_mode": (False, frozenset({"pool2d"})),
        "exclusive": (True, frozenset({"pool2d"})),
    }
)
"""Attribute: what readers take it for where it is missing, and ops that may miss it (None: all)."""


def may_go(op: str, attribute: Attribute) -> bool:
    """Whether Paddle-Lite computes the same without an attribute.

    Args:
        op: Type of the op.
        attribute: One of its attributes.
    """
    name = attribute.name
    if name in UNREAD or op in UNREAD_BY.get(name, ()):
        return True
    if name not in DEFAULTS:
        return False
    default, ops = DEFAULTS[name]
    return (ops is None or op in ops) and attribute.value == default
