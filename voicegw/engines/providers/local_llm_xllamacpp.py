"""llama.cpp's own server inside this process, by the prebuilt package ``xllamacpp``."""

import xllamacpp

from voicegw.engines.local_llm import CONTEXT_TOKENS, LlmServerOptions

PROMPT_CACHE_MIB = 256
"""Memory for prefixes that left their slot: one of 200 tokens takes 2.5 MB with a model of 0.5B."""
ERRORS_ONLY = 1

_running: list[xllamacpp.Server] = []
"""Keeps the server alive: it stops when its object is collected."""


def start(options: LlmServerOptions) -> str:
    """Serve in threads of its own; returns the base URL."""
    server = xllamacpp.Server(_parameters(options))
    _running.append(server)
    return f"{server.listening_address}/v1"


def _parameters(options: LlmServerOptions) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(options.model)
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = options.port
    parameters.n_parallel = options.slots
    parameters.n_ctx = CONTEXT_TOKENS * options.slots  # shared out evenly among the slots
    parameters.cache_ram_mib = PROMPT_CACHE_MIB
    parameters.slot_save_path = f"{options.scratch}/"
    parameters.endpoint_slots = True
    parameters.ui = False
    parameters.verbosity = ERRORS_ONLY
    for cpu in (parameters.cpuparams, parameters.cpuparams_batch):
        cpu.n_threads = options.threads
        cpu.poll = 0  # waiting threads sleep: the cores belong to calls
    return parameters
