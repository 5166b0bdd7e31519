"""The language model server that the service starts on this machine."""

import asyncio
import contextlib
import importlib.util
import os
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from voicegw import log
from voicegw.config import LlmSettings, Settings, environment_for_children
from voicegw.engines import registry
from voicegw.engines.llm import LanguageModel
from voicegw.errors import ModelMissing, PackageMissing, SetupError
from voicegw.models import catalogue

logger = log.get_logger()

PACKAGES = {"xllamacpp": "llm", "llama_cpp": "llama"}
"""Packages that serve a model, best first, and the extra of voicegw that installs each."""
READY_S = 90.0
"""Loading half a gigabyte from a cold disk."""
STOP_S = 3.0
NICENESS = 5
LAST_LINES = 20
RESTARTS_S = (0.5, 2.0, 8.0, 30.0)
"""Pauses before a server that died is started again; then it is given up."""


class LocalLlm:
    """A running server; started again, on the same port, when it dies."""

    def __init__(self, provider: str, model: Path, settings: LlmSettings) -> None:
        self.provider = provider
        self.url = ""
        """OpenAI-compatible base URL."""
        self._model = model
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._draining: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Of the process that serves now."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start it and wait until it answers.

        :raises SetupError: it did not come up; says why.
        """
        self.url = await self._launch(port=0)
        self._watching = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """SIGTERM, and after a while SIGKILL."""
        if self._watching:
            self._watching.cancel()
        await self._end_process()

    async def _keep_alive(self) -> None:
        port = int(self.url.removesuffix("/v1").rpartition(":")[2])
        for pause_s in RESTARTS_S:
            assert self._process
            status = await self._process.wait()
            logger.error("llm.died", pid=self.pid, status=status, lines=list(self._last_lines)[-3:], again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            try:
                await self._launch(port)
            except SetupError as error:
                logger.error("llm.not_started", error=str(error))
        logger.error("llm.given_up", hint="calls go on without a language model; see the lines above")

    async def _launch(self, port: int) -> str:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command(port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment_for_children(),
            start_new_session=True,  # Ctrl-C reaches the supervisor alone
        )
        assert process.stdout
        assert process.stderr
        self._last_lines.clear()
        self._draining = asyncio.create_task(self._drain(process.stderr))
        try:
            async with asyncio.timeout(READY_S):
                url = (await process.stdout.readline()).decode().strip()
        except TimeoutError:
            url = ""
        if not url:
            await self._end_process()
            await asyncio.wait([self._draining], timeout=1)
            raise SetupError(self._why_not())
        return url

    def _command(self, port: int) -> list[str]:
        return [
            *(sys.executable, "-m", "voicegw.engines.llm_server"),
            *("--provider", self.provider, "--model", str(self._model), "--port", str(port)),
            *("--threads", str(self._settings.threads), "--slots", str(self._settings.slots)),
            *("--parent", str(os.getpid()), "--nice", str(NICENESS)),
        ]

    async def _drain(self, errors: asyncio.StreamReader) -> None:
        while line := await errors.readline():
            self._last_lines.append(line.decode(errors="replace").rstrip())

    async def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        for signalled in (process.terminate, process.kill):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    signalled()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), STOP_S)

    def _why_not(self) -> str:
        said = "; ".join(line for line in self._last_lines if line.strip()) or f"it said nothing for {READY_S:.0f} s"
        return (
            f"the language model server ({self.provider}, {self._model}) did not come up: "
            f'{said[-600:]} (set llm.provider = "none" to go without)'
        )


async def start_local_llm(settings: Settings) -> LocalLlm | None:
    """Start the server that settings ask for; None if they ask for none, or if ``auto`` finds none to start.

    :raises PackageMissing, ModelMissing: the provider named in settings cannot be started.
    :raises SetupError: it did not come up.
    """
    wanted = settings.llm.provider
    if wanted in ("none", "url"):
        return None
    try:
        provider, model = _installed(wanted), _model_file(settings)
    except (PackageMissing, ModelMissing) as error:
        if wanted != "auto":
            raise
        logger.info("llm.none", reason=str(error), hint="what the reflex is not sure of is asked again instead")
        return None
    local = LocalLlm(provider, model, settings.llm)
    await local.start()
    logger.info("llm.ready", url=local.url, provider=provider, model=settings.llm.model, pid=local.pid)
    return local


def _installed(wanted: str) -> str:
    """The provider to use.

    :raises PackageMissing: it is not installed.
    """
    for package in PACKAGES if wanted == "auto" else (wanted,):
        if importlib.util.find_spec(package):
            return package
    missing = "xllamacpp" if wanted == "auto" else wanted
    raise PackageMissing(missing, PACKAGES[missing])


def _model_file(settings: Settings) -> Path:
    """The GGUF: a file by its path, or a model of the catalogue.

    :raises ModelMissing: it was not pulled.
    :raises SetupError: no such model.
    """
    name = settings.llm.model
    if name.endswith(".gguf"):
        if not Path(name).is_file():
            raise SetupError(f"llm.model = {name!r}: no such file")
        return Path(name)
    return catalogue.path(settings.models_dir, name) / "model.gguf"


@asynccontextmanager
async def local_model(settings: Settings) -> AsyncIterator[LanguageModel | None]:
    """The language model of the settings; a local one is started, and stopped at the end."""
    local = await start_local_llm(settings)
    if local is None:
        yield registry.language_model(settings)
        return
    try:
        llm = settings.llm.model_copy(update={"provider": "url", "url": local.url})
        yield registry.language_model(settings.model_copy(update={"llm": llm}))
    finally:
        await local.stop()
