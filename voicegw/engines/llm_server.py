"""``python -m voicegw.engines.llm_server``: a language model on this machine, behind an OpenAI-compatible URL.

Prints its base URL as one line on stdout when it can answer, and serves until SIGTERM, or until the process that
started it is gone.
"""

import ctypes
import importlib
import os
import signal
import sys
import tempfile
from pathlib import Path

import click

from voicegw.engines.local_llm import LlmServerOptions

PROVIDERS = {
    "xllamacpp": "voicegw.engines.providers.local_llm_xllamacpp",
    "llama_cpp": "voicegw.engines.providers.local_llm_llama_cpp",
}
"""Modules with ``start(options) -> str``: serve in threads of its own, return the base URL."""
PR_SET_PDEATHSIG = 1
"""prctl(2)"""


@click.command()
@click.option("--provider", type=click.Choice(sorted(PROVIDERS)), required=True)
@click.option("--model", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--port", type=int, default=0, help="0 chooses a free one.")
@click.option("--threads", type=int, default=2)
@click.option("--slots", type=int, default=4)
@click.option("--parent", type=int, default=0, help="Exit when this process, which started us, is gone.")
@click.option("--nice", type=int, default=0, help="Added to our niceness: calls go first.")
def main(provider: str, model: Path, port: int, threads: int, slots: int, parent: int, nice: int) -> None:
    """Serve one model.

    Example: python -m voicegw.engines.llm_server --provider xllamacpp --model model.gguf --port 8080
    """
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before threads start: they inherit it, and we wait for it
    if parent:
        _die_with(parent)
    os.nice(nice)
    with tempfile.TemporaryDirectory(prefix="voicegw-llm-") as scratch:
        options = LlmServerOptions(model, port, threads, slots, Path(scratch))
        print(importlib.import_module(PROVIDERS[provider]).start(options), flush=True)
        signal.sigwait(stop)


def _die_with(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


if __name__ == "__main__":
    main(standalone_mode=False)
    sys.stdout.flush()
    os._exit(0)  # native threads in the middle of a completion have nothing left to say
