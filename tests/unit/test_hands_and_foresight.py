"""What runs ahead of the caller's last word: reads and speech, and never anything with a side effect."""

import asyncio
from dataclasses import dataclass, field

import pytest

from voicegw.call.commands import ActionRequest, Command, Effect, Hangup, Say, StartAction, Transfer
from voicegw.call.events import ActionFinished, ActionResult, Event
from voicegw.worker.foresight import Foresight
from voicegw.worker.hands import Hands


@dataclass
class World:
    """Counts what really ran."""

    ran: list[ActionRequest] = field(default_factory=list)

    async def run(self, request: ActionRequest) -> ActionResult:
        self.ran.append(request)
        await asyncio.sleep(0)
        return ActionResult(request.id, request.tool, "found", {"n": len(self.ran)})


@dataclass
class Lips:
    """A mouth that only remembers."""

    prepared: list[str] = field(default_factory=list)

    def prepare(self, say: Say) -> None:
        self.prepared.append(say.text)


@dataclass
class Script:
    """A dialog that answers anything with ``first``, and an action's result with ``then``."""

    first: list[Command]
    then: list[Command] = field(default_factory=list)

    def copy(self) -> "Script":
        return Script(list(self.first), list(self.then))

    def on(self, event: Event, now: float) -> list[Command]:
        return self.then if isinstance(event, ActionFinished) else self.first


READ = ActionRequest("1", "orders.find", {"order_id": "4567"})
WRITE = ActionRequest("2", "orders.cancel", {"order_id": "4567"}, Effect.WRITES)


async def look_ahead(dialog: Script) -> tuple[World, Lips]:
    world, lips = World(), Lips()
    foresight = Foresight(lips, Hands(world.run), lambda: 0.0)  # type: ignore[arg-type]
    foresight.look_ahead(dialog, "where is my order", 0.9, None)  # type: ignore[arg-type]
    for _ in range(20):
        await asyncio.sleep(0)
    return world, lips


async def test_speech_of_the_likely_reply_is_made_ahead() -> None:
    world, lips = await look_ahead(Script([Say("It has shipped.")]))
    assert lips.prepared == ["It has shipped."]
    assert not world.ran


async def test_a_read_is_fetched_ahead_and_its_answer_is_made_ahead_too() -> None:
    world, lips = await look_ahead(Script([StartAction(READ)], [Say("It has shipped.")]))
    assert world.ran == [READ]
    assert lips.prepared == ["It has shipped."]


@pytest.mark.parametrize(
    "command", [StartAction(WRITE), Transfer("sip:desk@example.com"), Hangup()], ids=["write", "transfer", "hangup"]
)
async def test_nothing_with_a_side_effect_ever_comes_from_a_copy(command: Command) -> None:
    world, _ = await look_ahead(Script([command], [command]))
    assert not world.ran
    world, _ = await look_ahead(Script([StartAction(READ)], [command]))
    assert world.ran == [READ]


async def test_words_settle_a_turn_when_the_dialog_would_go_and_look_something_up() -> None:
    foresight = Foresight(Lips(), Hands(World().run), lambda: 0.0)  # type: ignore[arg-type]
    looks, asks = Script([StartAction(READ)], [Say("It has shipped.")]), Script([Say("Which order?")])
    assert foresight.look_ahead(looks, "where is order 4567", 0.9, None)  # type: ignore[arg-type]
    assert foresight.look_ahead(looks, "where is order 4567", 0.9, None)  # type: ignore[arg-type]
    assert not foresight.look_ahead(asks, "where is my order", 0.9, None)  # type: ignore[arg-type]


async def test_a_write_cannot_be_fetched_ahead_even_if_asked_to() -> None:
    world = World()
    with pytest.raises(ValueError, match="never runs ahead"):
        await Hands(world.run).fetch(WRITE)
    assert not world.ran


async def test_a_read_that_was_fetched_ahead_is_not_run_again() -> None:
    world = World()
    hands = Hands(world.run)
    await hands.fetch(READ)
    done: list[ActionResult] = []
    hands.start(ActionRequest("9", READ.tool, READ.arguments), done.append)
    while not done:
        await asyncio.sleep(0)
    assert len(world.ran) == 1
    assert done[0].id == "9"
    hands.forget_ahead()
    hands.start(READ, done.append)
    while len(done) < 2:
        await asyncio.sleep(0)
    assert len(world.ran) == 2
