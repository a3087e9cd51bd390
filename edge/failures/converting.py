"""Failures of the converter, ``opt``."""

from __future__ import annotations

from typing import Final

from edge.failures.row import Row

_FETCH_AGAIN: Final = "fetch the model again and compare hashes"
_UNSUPPORTED: Final = r"(?P<count>\d+) ops are not supported on '(?P<target>[^']*)'"
_NO_TYPE: Final = (
    r"no type registered for kernel \[(?P<op>[^\]/]*)[^\]]*\] SIDE argument \[(?P<argument>[^\]]*)\]"
)

CONVERTING: Final[tuple[Row, ...]] = (
    Row(
        "missing-model-file",
        "convert",
        "there is no model file {path}",
        "name a .pdmodel with its .pdiparams (Paddle 3 writes inference.json instead: export with "
        "FLAGS_enable_pir_api=0)",
        needles=("is not existed. Please confirm that you have inputed correct model",),
        pattern=r"the model file '(?P<path>[^']*)' is not existed",
    ),
    Row(
        "missing-params-file",
        "convert",
        "there is no weight file {path}",
        "put the .pdiparams beside the .pdmodel, or name it",
        needles=("is not existed. Please confirm that you have inputed correct param",),
        pattern=r"the param file '(?P<path>[^']*)' is not existed",
    ),
    Row(
        "no-model-in-folder",
        "convert",
        "the folder holds no inference model that opt knows (training weights, a .pdparams, are none)",
        "export the model first; with Paddle 3, export with FLAGS_enable_pir_api=0",
        needles=("Unsupported model format!",),
    ),
    Row(
        "truncated-params",
        "convert",
        "the weight file {path} is cut off: {count} more bytes were expected",
        _FETCH_AGAIN,
        needles=("Failed to read",),
        pattern=r"Loading params data from (?P<path>.*)\n.*Failed to read (?P<count>\d+) bytes",
    ),
    Row(
        "empty-params",
        "convert",
        "the weight file is empty",
        _FETCH_AGAIN,
        needles=("The model needs weights but the weight file is not existed",),
    ),
    Row(
        "wrong-params",
        "convert",
        "the weight file has more than the model takes: it belongs to another model",
        "name the .pdiparams that was exported with this .pdmodel",
        needles=("load partial data via LoadCombinedParamsPb",),
    ),
    Row(
        "wrong-params",
        "convert",
        "the weight file is damaged, of another model, or none (tensor version {version})",
        "name the .pdiparams that was exported with this .pdmodel, or fetch it again",
        needles=("The version of tensor",),
        pattern=r"The version of tensor (?P<version>\S+) is not supported",
    ),
    Row(
        "not-a-program",
        "convert",
        "the model file holds no program: it is empty, training weights (.pdparams), text, or a Paddle 3 "
        "inference.json",
        "export the model for inference first; with Paddle 3, with FLAGS_enable_pir_api=0",
        needles=("idx >= blocks.size()",),
    ),
    Row(
        "damaged-program",
        "convert",
        "the model file is damaged ({what})",
        _FETCH_AGAIN,
        needles=("Unknown var type", "Unknown attr type", "Unsupported var type", "Error parsing protobuf"),
        pattern=r"(?P<what>Unknown var type|Unknown attr type|Unsupported var type|Error parsing protobuf)",
    ),
    Row(
        "training-program",
        "convert",
        "the program was saved for training: {ops} are no inference ops",
        "export it for inference (save_inference_model), then convert",
        needles=("ops are not supported on '",),
        pattern=_UNSUPPORTED + r".*?ops are: '(?P<ops>[^']*(?:_grad\b|\badam|\bmomentum|\bsgd)[^']*)",
    ),
    Row(
        "onnx-format-quantization",
        "convert",
        "the quantized model keeps quantize_linear ops, which this opt does not know (onnx_format=True)",
        "use opt 2.13, or save the quantized model with onnx_format=False",
        needles=("ops are not supported on '",),
        pattern=_UNSUPPORTED + r".*?ops are: '[^']*\b(?:de)?quantize_linear\b",
    ),
    Row(
        "unsupported-ops",
        "convert",
        "{count} ops have no kernel for '{target}': {ops}",
        "convert for another target, use a newer opt, or export the model without these ops",
        needles=("ops are not supported on '",),
        pattern=_UNSUPPORTED + r"(?:.*?ops are: '(?P<ops>[^']*))?",
    ),
    Row(
        "old-opt-quantization",
        "convert",
        "this opt has no kernel for '{op}': it is older than the way the model is quantized",
        "use opt 2.13",
        needles=("no kernel for fake_",),
        pattern=r"no kernel for (?P<op>fake_\w+)",
    ),
    Row(
        "no-kernel",
        "convert",
        "opt has no kernel for '{op}' on this target",
        "convert for another target, or use a newer opt",
        needles=("no kernel for ",),
        pattern=r"no kernel for (?!kernel type)(?P<op>\w+)",
    ),
    Row(
        "clipped-attributes",
        "convert",
        "the op '{op}' lacks its attribute '{attribute}': clipped when the model was saved, or damaged since",
        "save it again with clip_extra=False (quantized models with onnx_format=False)",
        needles=("No attributes called",),
        pattern=r"No attributes called (?P<attribute>\S+) found for (?P<op>\w+)",
    ),
    Row(
        "opencl-with-fp16",
        "convert",
        "opt fused an addition into a convolution that cannot take it, as it does for arm,opencl with FP16",
        "convert for arm,opencl without --fp16 (OpenCL chooses its precision when it runs)",
        needles=("input argument [SecondInput]",),
    ),
    Row(
        "training-outputs",
        "convert",
        "the op '{op}' still has the output {argument} of training, which its kernel does not know",
        "convert for arm, or export the model again with a newer Paddle",
        needles=("no type registered for kernel",),
        pattern=_NO_TYPE.replace("SIDE", "output"),
    ),
    Row(
        "unknown-argument",
        "convert",
        "the kernel of '{op}' does not know its argument {argument}",
        "convert for another target, or use another opt",
        needles=("no type registered for kernel",),
        pattern=_NO_TYPE.replace("SIDE", r"\w+"),
    ),
    Row(
        "wrong-target-name",
        "convert",
        "opt knows no target '{target}'",
        "name arm, x86 or arm,opencl",
        needles=("Wrong target",),
        pattern=r"Wrong target '(?P<target>[^']*)' found",
    ),
    Row(
        "wrong-target-name",
        "convert",
        "no target was named",
        "name arm, x86 or arm,opencl",
        needles=("At least one target should be set",),
    ),
    Row(
        "wrong-model-type",
        "convert",
        "opt does not write '{type}'",
        "ask for naive_buffer, the .nb format",
        needles=("Unsupported Model type",),
        pattern=r"Unsupported Model type *: *(?P<type>.*)$",
    ),
    Row(
        "output-folder-missing",
        "convert",
        "opt cannot write {path}: its folder is missing or not writable",
        "create the folder, or name another",
        needles=("BinaryFileWriter",),
        pattern=r"BinaryFileWriter\].*Unable to open file:? *(?P<path>.*)$",
    ),
    Row(
        "pruned-weights",
        "convert",
        "pruned weights were loaded into the unpruned network: {model} expected, {loaded} found",
        "build the network from the prune plan that was saved with the weights",
        needles=("not matched with loaded params",),
        pattern=r"shape of model params \S* *(?P<model>\[[^\]]*\]) not matched with loaded params \S* *"
        r"(?P<loaded>\[[^\]]*\])",
    ),
)
