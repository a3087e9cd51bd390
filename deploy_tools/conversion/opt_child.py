"""``python -m deploy_tools.conversion.opt_child``: Paddle-Lite's ``opt``, alone because it aborts."""

from __future__ import annotations

import argparse
import sys

from edge.runner.child import end_with, forbid_core_files


def main() -> int:
    """Convert one model; the exit code is 0, or whatever ``opt`` dies of."""
    parser = argparse.ArgumentParser(prog="opt_child", description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--params", required=True)
    parser.add_argument("--places", required=True)
    parser.add_argument("--out", required=True, help="without .nb, which opt appends")
    parser.add_argument("--fp16", action="store_true")
    parser.add_argument("--weights", choices=["int8", "int16"])
    parser.add_argument("--lifeline", type=int, help="end when this pipe's other end closes")
    arguments = parser.parse_args()
    forbid_core_files()
    if arguments.lifeline is not None:
        end_with(arguments.lifeline)
    from paddlelite import lite

    opt = lite.Opt()
    if arguments.fp16:
        # after set_valid_places it is ignored without a word
        opt.enable_fp16()
    if arguments.weights:
        opt.set_quant_model(True)
        opt.set_quant_type(f"QUANT_{arguments.weights.upper()}")
    opt.set_model_file(arguments.model)
    opt.set_param_file(arguments.params)
    opt.set_valid_places(arguments.places)
    opt.set_model_type("naive_buffer")
    opt.set_optimize_out(arguments.out)
    opt.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
