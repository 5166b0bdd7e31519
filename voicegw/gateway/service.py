"""The whole service: what is started, in which order, and stopped in reverse."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass

from voicegw import log
from voicegw.actions.registry import Toolbox
from voicegw.call import dialog_think
from voicegw.config import Settings
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.engines.llm import LanguageModel, Message
from voicegw.errors import PortBusy, SetupError, VoicegwError, WireError
from voicegw.gateway import children, recorder
from voicegw.gateway.actions import ActionRunnerProcess
from voicegw.gateway.children import Child
from voicegw.gateway.dialplan_sources import from_files
from voicegw.gateway.dialplan_watch import DialplanWatch, Known, keys, tell
from voicegw.gateway.heartbeat import Heartbeat
from voicegw.gateway.llm import start_local_llm
from voicegw.gateway.pool import WorkerPool
from voicegw.gateway.supervisor import Supervisor
from voicegw.gateway.valkey import start_embedded_valkey
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.store import OutcomeStore
from voicegw.publishing.routes import Routes, Served
from voicegw.publishing.store import VersionStore
from voicegw.session.store import SessionStore
from voicegw.wire.messages import DialplanLoaded

logger = log.get_logger()

WARM_TIMEOUT_S = 60.0
WATCH_EVERY_S = 1.0


@dataclass(frozen=True)
class Running:
    """A service that answers calls."""

    settings: Settings
    dialplans: DialplanWatch
    sip_ports: tuple[int, ...]
    supervisor: Supervisor
    pool: WorkerPool
    nursery_pid: int
    cell_pids: tuple[int, ...]
    database_url: str


@asynccontextmanager
async def running(settings: Settings, *, with_sip: bool = True) -> AsyncIterator[Running]:
    """Start everything; stop everything in reverse.

    :param with_sip: start cells; without, calls come from whoever joins the supervisor.

    :raises SetupError: something must be mended first; nothing is left half started.
    """
    if with_sip:
        _check_port(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        await migrate(settings.resolved_database_url)
        known, served = await _find_dialplans(settings, stack)
        alone = not settings.redis_url
        settings = await _with_redis(settings, stack)
        outcomes = OutcomeStore(settings.resolved_database_url)
        stack.push_async_callback(outcomes.close)
        store = SessionStore(settings.redis_url, settings.data_dir / "spool")
        stack.push_async_callback(store.close)
        await store.check()
        if alone:  # nobody else can have calls: those without an end were ours
            await outcomes.close_orphans((), began_before=time.time())
        await _start_recorder(store, outcomes, stack)
        actions = ActionRunnerProcess(settings)
        stack.push_async_callback(actions.stop)
        await actions.start()
        settings = await _with_llm(settings, stack)
        read_prompts = _prompt_reader(settings, stack)
        read_prompts(Routes(served))
        nursery = await _start_nursery(settings, known, served, stack)
        pool = WorkerPool(nursery.link, warm=settings.workers.warm, most=settings.workers.most)
        dialplans = DialplanWatch(known, served, pool, nursery.link.send, read_prompts)
        _listen_to_nursery(nursery, pool, dialplans, stack)
        supervisor = Supervisor(pool, dialplans.find, store.append_soon)
        dialplans.live_dialplans = lambda: supervisor.live_dialplans
        numbers = range(settings.sip.cells if with_sip else 0)
        cells = [await _start_cell(settings, number, supervisor, stack) for number in numbers]
        watching = asyncio.create_task(_watch(settings, supervisor, pool, stack))
        stack.callback(watching.cancel)
        await pool.wait_until_warm(WARM_TIMEOUT_S)
        heartbeat = Heartbeat(store, outcomes, lambda: supervisor.live_call_ids)
        for running_on in (dialplans.run(), heartbeat.run()):
            stack.callback(asyncio.create_task(running_on).cancel)
        stack.callback(supervisor.close_calls, "the service stopped")
        yield Running(
            settings,
            dialplans,
            tuple(port for port, _ in cells),
            supervisor,
            pool,
            nursery.pid,
            tuple(pid for _, pid in cells),
            settings.resolved_database_url,
        )


async def _find_dialplans(settings: Settings, stack: AsyncExitStack) -> tuple[Known, list[Served]]:
    """:raises SetupError: there is none, or a file that would take calls has errors."""
    versions = VersionStore(settings.resolved_database_url)
    stack.push_async_callback(versions.close)
    change = await versions.last_change()
    in_force = await versions.in_force()
    files = from_files(settings.dialplans, Toolbox.load(settings).facts(), in_force)
    known = Known(
        versions,
        settings.data_dir / "dialplans",
        files,
        lambda plan: registry.check_models(settings, {plan.language}),
        change,
    )
    registry.check_models(settings, {source.plan.language for source in files.values()})
    served = await known.served(in_force)
    if not served:
        raise SetupError("no dialplan can take calls: the log lines above say why")
    tell(Routes(served))
    return known, served


def _check_port(settings: Settings) -> None:
    """:raises PortBusy: before anything is started."""
    if not settings.sip.port:
        return
    for port in range(settings.sip.port, settings.sip.port + settings.sip.cells):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((settings.sip.host, port))
            except OSError as error:
                raise PortBusy(
                    f"SIP port {settings.sip.host}:{port}/udp cannot be used ({error.strerror}): "
                    "stop what listens there, or choose another with --sip-port"
                ) from None


async def _with_redis(settings: Settings, stack: AsyncExitStack) -> Settings:
    if settings.redis_url:
        return settings
    valkey = await start_embedded_valkey(settings.data_dir)
    stack.push_async_callback(valkey.stop)
    return settings.model_copy(update={"redis_url": valkey.url})


async def _start_recorder(store: SessionStore, outcomes: OutcomeStore, stack: AsyncExitStack) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(recorder.run(store, outcomes, stop))

    async def finish() -> None:
        stop.set()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, 5.0)

    stack.push_async_callback(finish)


async def _with_llm(settings: Settings, stack: AsyncExitStack) -> Settings:
    local = await start_local_llm(settings)
    if local is None:
        return settings
    stack.push_async_callback(local.stop)
    return settings.model_copy(update={"llm": settings.llm.model_copy(update={"provider": "url", "url": local.url})})


def _prompt_reader(settings: Settings, stack: AsyncExitStack) -> Callable[[Routes], None]:
    """Lets the language model read each dialplan's fixed prompt once, or the first caller who needs it waits."""
    model = registry.language_model(settings)
    tasks: set[asyncio.Task[None]] = set()

    def read(routes: Routes) -> None:
        plans = [plan for one in routes.served for plan in (one.plan, one.trial) if plan and plan.reasoning.allowed]
        if model is not None:
            task = asyncio.create_task(_read_prompts(model, plans))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    stack.callback(lambda: [task.cancel() for task in tasks])
    return read


async def _read_prompts(model: LanguageModel, plans: list[Dialplan]) -> None:
    try:
        for plan in plans:
            await model.warm_up([Message("system", dialog_think.system(plan))])
    except VoicegwError as error:
        logger.warning("llm.not_warm", error=str(error))


async def _start_nursery(settings: Settings, known: Known, served: Sequence[Served], stack: AsyncExitStack) -> Child:
    orders = [asdict(known.sources[key].order(known.folder)) for key in sorted(keys(served))]
    told = {"settings": settings.model_dump(mode="json"), "dialplans": orders}
    nursery = await children.start("nursery", "voicegw.worker.main", stdin=json.dumps(told).encode())
    stack.push_async_callback(nursery.stop)
    return nursery


def _listen_to_nursery(nursery: Child, pool: WorkerPool, dialplans: DialplanWatch, stack: AsyncExitStack) -> None:
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            while (message := nursery.link.receive()) is not None:
                if isinstance(message, DialplanLoaded):
                    dialplans.on_loaded(message)
                else:
                    pool.on_nursery(message)
        except (ConnectionError, WireError) as error:
            loop.remove_reader(nursery.link)
            logger.error("nursery.lost", error=str(error))
            pool.nursery_lost()

    loop.add_reader(nursery.link, read)
    stack.callback(loop.remove_reader, nursery.link)
    stack.callback(pool.close)


async def _start_cell(
    settings: Settings, number: int, supervisor: Supervisor, stack: AsyncExitStack
) -> tuple[int, int]:
    sip = settings.sip
    options = {
        "--host": sip.host,
        "--port": str(sip.port + number if sip.port else 0),
        "--rtp-port": str(sip.rtp_port + 20 * number if sip.rtp_port else 0),
        "--public-host": sip.public_host,
        "--codecs": ",".join(sip.codecs),
        "--media-timeout": str(sip.media_timeout_s),
        "--worker-hang": str(settings.workers.hang_s),
        "--log-level": settings.log.level,
        "--log-format": settings.log.format,
    }
    arguments = [part for option, value in options.items() if value for part in (option, value)]
    child = await children.start(f"cell-{number}", "voicegw.gateway.cell", arguments)
    stack.push_async_callback(child.stop)
    try:
        cell = await supervisor.add_cell(number, child)
    except (ConnectionError, TimeoutError) as error:
        raise SetupError(f"cell {number} did not start ({error}): see its log line above") from None
    return cell.sip_port, child.pid


async def _watch(settings: Settings, supervisor: Supervisor, pool: WorkerPool, stack: AsyncExitStack) -> None:
    """Replaces waiting workers that hang, and cells that die."""
    lost = asyncio.create_task(supervisor.next_lost_cell())
    while True:
        done, _ = await asyncio.wait({lost}, timeout=WATCH_EVERY_S)
        pool.replace_the_silent()
        if done:
            cell = lost.result()
            await cell.child.stop()
            with contextlib.suppress(SetupError):
                await _start_cell(settings, cell.number, supervisor, stack)
            lost = asyncio.create_task(supervisor.next_lost_cell())
