"""ONNX sessions as our engines want them: one thread, quiet, and errors that can be named."""

from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

ONNX_ERRORS = (state.Fail, state.InvalidArgument, state.RuntimeException, state.InvalidGraph, state.NoModel)
"""What a session raises; they have no base class of their own."""
LOAD_ERRORS = (*ONNX_ERRORS, state.NoSuchFile, state.InvalidProtobuf)


def session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A session on the CPU.

    With one thread it has no pool, so that a process which holds it may be forked.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
