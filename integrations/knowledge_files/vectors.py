"""Vectors of phrases, made once and kept on disk: thousands take a minute, and every worker needs them."""

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicegw.actions.requests import Embed

AT_ONCE = 16
"""Phrases in one go: more pad each other."""


def kept(file: Path, phrases: Sequence[str], embed: Embed) -> np.ndarray:
    """A row for each phrase. Blocks for some 10 ms for each that is new, and while another process makes them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers start together: one makes the vectors, the others read them
        known = _read(file, _model(embed))
        missing = [phrase for phrase in dict.fromkeys(phrases) if _key(phrase) not in known]
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            known |= {_key(phrase): row for phrase, row in zip(part, embed(part), strict=True)}
        if missing:
            wanted = {_key(phrase) for phrase in phrases}
            _write(file, _model(embed), {key: row for key, row in known.items() if key in wanted})
    return np.array([known[_key(phrase)] for phrase in phrases], np.float32)


def _model(embed: Embed) -> str:
    """Vectors of two models say nothing to each other: a model is known by what it makes of a sentence."""
    return hashlib.sha256(np.round(embed(["which model is this"])[0], 3).tobytes()).hexdigest()


def _key(phrase: str) -> str:
    return hashlib.sha256(phrase.encode()).hexdigest()


def _read(file: Path, model: str) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            if str(stored["model"]) != model:
                return {}
            return dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
    except (OSError, ValueError, KeyError, EOFError):  # none yet, or half of one
        return {}


def _write(file: Path, model: str, rows: dict[str, np.ndarray]) -> None:
    draft = file.with_suffix(f".{os.getpid()}.npz")
    np.savez(draft, model=np.array(model), keys=np.array(list(rows)), rows=np.array(list(rows.values()), np.float32))
    draft.replace(file)
