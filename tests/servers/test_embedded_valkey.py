"""The Valkey that a service without redis_url starts for itself."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voicegw.errors import SetupError
from voicegw.gateway import valkey as valkey_module
from voicegw.gateway.valkey import start_embedded_valkey
from voicegw.outcomes.record import CallOpened, decode
from voicegw.session.record import Snapshot
from voicegw.session.store import SessionStore

pytestmark = pytest.mark.servers

SNAPSHOT = Snapshot("c1", "acme-orders", 3, {"task": "order_status"}, 2, 12.5)
SERVICE = """
import asyncio, sys
from pathlib import Path
from voicegw import log
from voicegw.gateway.valkey import start_embedded_valkey

async def main():
    log.configure()
    valkey = await start_embedded_valkey(Path(sys.argv[1]))
    print(valkey.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Short, as a Unix socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="vgw-vk-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def gone(pid: int) -> bool:
    stat = Path("/proc", str(pid), "stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


async def test_it_starts_fast_answers_and_ends(data_dir: Path) -> None:
    began = time.perf_counter()
    valkey = await start_embedded_valkey(data_dir)
    assert time.perf_counter() - began < 2.0
    store = SessionStore(valkey.url, data_dir / "spool")
    await store.check()
    await store.close()
    await valkey.stop()
    assert gone(valkey.pid)
    assert await valkey.died() == 0


async def test_it_listens_on_no_port_and_its_socket_is_for_its_owner_only(data_dir: Path) -> None:
    valkey = await start_embedded_valkey(data_dir)
    mode = Path(valkey.url.removeprefix("unix://")).stat().st_mode
    assert mode & 0o077 == 0
    listening = Path(f"/proc/{valkey.pid}/net/tcp").read_text()
    inodes = {os.readlink(fd) for fd in Path(f"/proc/{valkey.pid}/fd").iterdir() if fd.is_symlink()}
    assert not [line for line in listening.splitlines()[1:] if f"socket:[{line.split()[9]}]" in inodes]
    await valkey.stop()


async def test_what_it_holds_survives_a_kill(data_dir: Path, eventually: Callable[..., object]) -> None:
    valkey = await start_embedded_valkey(data_dir)
    store = SessionStore(valkey.url, data_dir / "spool")
    await store.save_snapshot(SNAPSHOT)
    await store.append(CallOpened("c1", 1.0, "a", "b"))
    assert await store.flush()
    await asyncio.sleep(1.2)  # it writes to disk once a second
    os.kill(valkey.pid, signal.SIGKILL)
    assert await valkey.died() == -signal.SIGKILL
    await valkey.stop()
    again = await start_embedded_valkey(data_dir)
    assert await store.load_snapshot("c1") == SNAPSHOT
    entries: list[object] = []

    async def read() -> bool:
        entries.extend(await store.read(10, 100))
        return bool(entries)

    await eventually(read)
    assert [decode(entry.fields).call_id for entry in entries] == ["c1"]  # type: ignore[attr-defined]
    await store.close()
    await again.stop()


async def test_a_second_service_in_the_same_folder_is_told_whose_it_is(data_dir: Path) -> None:
    valkey = await start_embedded_valkey(data_dir)
    with pytest.raises(SetupError, match=rf"used by another voicegw \(process {os.getpid()}\).*VOICEGW_DATA_DIR"):
        await start_embedded_valkey(data_dir)
    await valkey.stop()
    await (await start_embedded_valkey(data_dir)).stop()


async def test_it_ends_with_a_service_that_is_killed_and_the_next_one_starts_at_once(
    data_dir: Path, eventually: Callable[..., object]
) -> None:
    service = subprocess.Popen([sys.executable, "-c", SERVICE, str(data_dir)], stdout=subprocess.PIPE)
    assert service.stdout is not None
    pid = int(service.stdout.readline())
    service.kill()
    service.wait()
    service.stdout.close()
    valkey = await start_embedded_valkey(data_dir)
    assert gone(pid)
    await valkey.stop()


async def test_a_folder_with_a_long_name_works_too(data_dir: Path) -> None:
    valkey = await start_embedded_valkey(data_dir / ("long" * 30))
    store = SessionStore(valkey.url, data_dir / "spool")
    await store.check()
    await store.close()
    await valkey.stop()
    shutil.rmtree(Path(valkey.url.removeprefix("unix://")).parent)


async def test_files_it_cannot_read_are_told_in_its_own_words(data_dir: Path) -> None:
    valkey = await start_embedded_valkey(data_dir)
    await valkey.stop()
    for file in (data_dir / "valkey" / "appendonlydir").glob("*.manifest"):
        file.write_text("dear diary")
    with pytest.raises(SetupError, match=r"embedded Valkey ended at once: .+"):
        await start_embedded_valkey(data_dir)
    shutil.rmtree(data_dir / "valkey" / "appendonlydir")
    await (await start_embedded_valkey(data_dir)).stop()


async def test_a_folder_that_cannot_be_made_is_named(data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(SetupError, match=r"cannot make .*file/valkey.*data_dir"):
        await start_embedded_valkey(data_dir / "file")


async def test_one_that_does_not_stop_is_killed(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey_module, "STOP_LIMIT_S", 0.1)
    valkey = await start_embedded_valkey(data_dir)
    os.kill(valkey.pid, signal.SIGSTOP)
    await valkey.stop()
    assert gone(valkey.pid)
