"""What a language model server on this machine is told, whichever library it runs on."""

from dataclasses import dataclass
from pathlib import Path

CONTEXT_TOKENS = 4096
"""Of each completion: persona, tasks and knowledge of a dialplan, and the conversation so far."""


@dataclass(frozen=True)
class LlmServerOptions:
    """One server of one model."""

    model: Path
    """A GGUF file."""
    port: int
    """On 127.0.0.1; 0 chooses a free one."""
    threads: int
    slots: int
    """Completions it works on at once, where the library can."""
    scratch: Path
    """An empty folder of the server's own, for copies of prompt prefixes."""
