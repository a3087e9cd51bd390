"""The on-device runner: a program that loads one ``.nb`` with Paddle-Lite and runs it.

``python -m edge.runner --help`` describes its command line, made so that a native runner can speak it too.
One program, two uses: a one-shot run over ``.npy`` files that ends with a JSON report, and ``--serve``, which
answers requests over standard input and output (:mod:`edge.predictor.frames`).
"""
