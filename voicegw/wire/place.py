"""Where a Unix socket lies: in its folder, or elsewhere if the folder's name is too long for a socket's address."""

import hashlib
import os
import tempfile
from pathlib import Path

from voicegw.errors import SetupError

LONGEST_PATH = 100
"""``sockaddr_un.sun_path`` holds 108 bytes on Linux, 104 elsewhere."""


def socket_place(folder: Path, name: str) -> Path:
    """The same for every process; its folder is there, and ours alone.

    :raises SetupError: somebody else has a folder of that name.
    """
    folder = folder.absolute()
    if len(os.fsencode(folder / name)) > LONGEST_PATH:
        digest = hashlib.sha256(os.fsencode(folder / name)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"voicegw-{digest}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SetupError(f"cannot make {folder}: {error.strerror} (setting data_dir)") from None
    if folder.stat().st_uid != os.getuid():
        raise SetupError(f"{folder} belongs to somebody else: choose a data_dir with a shorter name")
    return folder / name
