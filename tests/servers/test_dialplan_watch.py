"""A running service follows what is published: the watch with a real database, and the test as nursery and pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import parse
from voicegw.errors import ModelMissing
from voicegw.gateway import dialplan_watch
from voicegw.gateway.dialplan_sources import from_files
from voicegw.gateway.dialplan_watch import DialplanWatch, Known
from voicegw.publishing.record import Bundle, InForce
from voicegw.publishing.routes import Routes, Served
from voicegw.publishing.store import Author, VersionStore
from voicegw.wire.messages import DialplanLoaded, ForgetDialplan, LoadDialplan, Message, TakeDialplan

pytestmark = pytest.mark.servers

SOURCE = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()
PLAN = parse(SOURCE)
ANN = Author("ann")


@dataclass
class Nursery:
    """Answers at once; refuses to learn ``unreadable``."""

    told: list[Message] = field(default_factory=list)
    unreadable: set[int] = field(default_factory=set)
    watch: DialplanWatch | None = None

    def send(self, message: Message) -> None:
        self.told.append(message)
        if isinstance(message, LoadDialplan) and self.watch:
            problem = "cannot" if message.version in self.unreadable else ""
            answer = DialplanLoaded(message.dialplan, message.version, problem)
            asyncio.get_running_loop().call_soon(self.watch.on_loaded, answer)


@dataclass
class Waiting:
    """The pool's side of it: what waiting workers were told."""

    told: list[Message] = field(default_factory=list)

    def tell_waiting(self, message: Message) -> None:
        self.told.append(message)


@dataclass
class Service:
    versions: VersionStore
    watch: DialplanWatch
    nursery: Nursery
    waiting: Waiting
    live: set[tuple[str, int]]

    def answers(self, number: str = "5000", caller: str = "200") -> tuple[str, int] | None:
        return self.watch.find(number, caller, "c1")


def only_english(plan: Dialplan) -> None:
    if plan.language != "en":
        raise ModelMissing("vosk-ko")


@pytest.fixture
async def service(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setattr(dialplan_watch, "LOOK_EVERY_S", 0.02)
    (tmp_path / "acme.yaml").write_text(SOURCE)
    versions = VersionStore(database)
    known = Known(versions, tmp_path / "service", from_files(tmp_path / "acme.yaml", None, []), only_english)
    nursery, waiting, live = Nursery(), Waiting(), set[tuple[str, int]]()
    watch = DialplanWatch(known, [Served(InForce("acme-orders"), PLAN)], waiting, nursery.send, lambda routes: None)  # type: ignore[arg-type]
    watch.live_dialplans = lambda: live
    nursery.watch = watch
    running = asyncio.create_task(watch.run())
    yield Service(versions, watch, nursery, waiting, live)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await versions.close()


async def test_a_version_is_known_to_workers_before_any_call_is_sent_to_it(service: Service, eventually) -> None:
    assert service.answers() == ("acme-orders", 0)
    service.live.add(("acme-orders", 0))
    await service.versions.publish(PLAN, Bundle(SOURCE), ANN, vectors=b"npz")
    await eventually(lambda: service.answers() == ("acme-orders", 1))
    (load,) = service.nursery.told
    (take,) = service.waiting.told
    assert isinstance(load, LoadDialplan)
    assert Path(load.file).read_text() == SOURCE
    assert Path(load.vectors).read_bytes() == b"npz"
    assert take == TakeDialplan("acme-orders", 1, load.brain)


async def test_a_version_is_forgotten_when_its_last_call_is_over(service: Service, eventually) -> None:
    service.live.add(("acme-orders", 0))
    await service.versions.publish(PLAN, Bundle(SOURCE), ANN)
    await eventually(lambda: service.answers() == ("acme-orders", 1))
    await asyncio.sleep(0.1)
    assert ForgetDialplan("acme-orders", 0) not in service.nursery.told, "a call has it"
    service.live.clear()
    await eventually(lambda: ForgetDialplan("acme-orders", 0) in service.nursery.told)


async def test_one_that_cannot_be_learned_leaves_the_one_before_it_in_place(service: Service, eventually) -> None:
    service.nursery.unreadable = {2}
    await service.versions.publish(PLAN, Bundle(SOURCE), ANN)
    await eventually(lambda: service.answers() == ("acme-orders", 1))
    await service.versions.publish(PLAN, Bundle(SOURCE + "# two"), ANN)
    await eventually(lambda: any(getattr(told, "version", 0) == 2 for told in service.nursery.told))
    await asyncio.sleep(0.05)
    assert service.answers() == ("acme-orders", 1)
    await service.versions.publish(PLAN, Bundle(SOURCE + "# three"), ANN)
    await eventually(lambda: service.answers() == ("acme-orders", 3))


async def test_what_a_newer_voicegw_wrote_leaves_the_one_before_it_in_place(service: Service, eventually) -> None:
    await service.versions.publish(PLAN, Bundle("mood: good\n" + SOURCE), ANN)
    await service.versions.publish(PLAN, Bundle("mood: better\n" + SOURCE), ANN)
    await asyncio.sleep(0.2)
    assert service.answers() == ("acme-orders", 0)


async def test_one_that_needs_a_model_that_is_not_here_does_not_take_calls(service: Service, eventually) -> None:
    await service.versions.publish(PLAN, Bundle(SOURCE.replace("language: en", "language: ko")), ANN)
    await asyncio.sleep(0.2)
    assert service.answers() == ("acme-orders", 0)
    assert service.nursery.told == []


async def test_going_back_to_the_file_and_forth_again(service: Service, eventually) -> None:
    await service.versions.publish(PLAN, Bundle(SOURCE), ANN)
    await eventually(lambda: service.answers() == ("acme-orders", 1))
    await service.versions.roll_back("acme-orders", ANN, to=0)
    await eventually(lambda: service.answers() == ("acme-orders", 0))
    await service.versions.roll_back("acme-orders", ANN, to=1)
    await eventually(lambda: service.answers() == ("acme-orders", 1))


async def test_a_trial_gets_its_share(service: Service, eventually) -> None:
    await service.versions.publish(PLAN, Bundle(SOURCE), ANN)
    await service.versions.publish(PLAN, Bundle(SOURCE + "# two"), ANN, percent=50)

    def both() -> bool:
        answered = {service.answers(caller=str(caller)) for caller in range(30)}
        return answered == {("acme-orders", 1), ("acme-orders", 2)}

    await eventually(both)


async def test_a_dialplan_of_which_there_was_no_file_begins_to_take_calls(service: Service, eventually) -> None:
    hotel = SOURCE.replace("name: acme-orders", "name: hotel").replace('"5000", "+15550100"', '"6000"')
    assert service.answers("6000") is None
    await service.versions.publish(parse(hotel), Bundle(hotel), ANN)
    await eventually(lambda: service.answers("6000") == ("hotel", 1))
    assert service.answers("5000") == ("acme-orders", 0)


async def test_files_of_published_dialplans_are_drafts_in_any_state(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(SOURCE.replace("language: en", "language: xx"))
    (tmp_path / "hotel.yaml").write_text(SOURCE.replace("name: acme-orders", "name: hotel"))
    published = [InForce("acme-orders", 3)]
    assert set(from_files(tmp_path, None, published)) == {"hotel"}
    assert from_files(tmp_path / "nowhere", None, published) == {}
    assert Routes([]).served == ()
