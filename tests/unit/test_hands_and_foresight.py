"""What runs ahead of the caller's last word: reads and speech, and never anything with a side effect."""

import asyncio
from dataclasses import dataclass, field

import pytest

from voicegw.call.commands import ActionRequest, Command, Effect, Hangup, Say, StartAction, Think, Transfer
from voicegw.call.dialog import Decision
from voicegw.call.events import ActionFinished, ActionResult, Event, ThoughtReady
from voicegw.call.orders import Heard
from voicegw.nlu.understanding import Completeness
from voicegw.testing import ScriptedModel
from voicegw.worker.foresight import Foresight
from voicegw.worker.hands import Hands
from voicegw.worker.thinker import Thinker


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
    decision: Decision | None = None

    def copy(self) -> "Script":
        return Script(list(self.first), list(self.then))

    def on(self, event: Event, now: float) -> list[Command]:
        return self.then if isinstance(event, ActionFinished | ThoughtReady) else self.first


READ = ActionRequest("1", "orders.find", {"order_id": "4567"})
WRITE = ActionRequest("2", "orders.cancel", {"order_id": "4567"}, Effect.WRITES)


THINK = Think(1, "You answer the phone.", "caller: it is broken", {"properties": {"choice": {"enum": ["a", "b"]}}})


class Ahead:
    """Foresight in a world that counts."""

    def __init__(self, model: ScriptedModel | None = None) -> None:
        self.world, self.lips = World(), Lips()
        self.thinker = Thinker(model)
        self.foresight = Foresight(self.lips, Hands(self.world.run, print), self.thinker, lambda: 0.0)  # type: ignore[arg-type]

    async def look(self, dialog: Script, text: str = "where is my order", *, pausing: bool = True) -> Completeness:
        heard = Heard(text, 0.9, Completeness.COULD_GO_ON, 0)
        judged = self.foresight.look_ahead(dialog, heard, None, pausing=pausing)  # type: ignore[arg-type]
        for _ in range(20):
            await asyncio.sleep(0)
        return judged.completeness


async def look_ahead(dialog: Script) -> tuple[World, Lips]:
    ahead = Ahead()
    await ahead.look(dialog)
    return ahead.world, ahead.lips


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
    ahead = Ahead()
    looks, asks = Script([StartAction(READ)], [Say("It has shipped.")]), Script([Say("Which order?")])
    assert await ahead.look(looks, "where is order 4567") is Completeness.COMPLETE
    assert await ahead.look(looks, "where is order 4567") is Completeness.COMPLETE
    assert await ahead.look(asks, "where is my order") is Completeness.COULD_GO_ON


async def test_in_the_middle_of_speech_only_what_means_the_same_twice_is_prepared() -> None:
    ahead = Ahead()
    await ahead.look(Script([Say("Which order?")]), "where is my", pausing=False)
    assert not ahead.lips.prepared
    await ahead.look(Script([Say("Nine to five.")]), "where is my order, or", pausing=False)
    assert not ahead.lips.prepared
    await ahead.look(Script([Say("Nine to five.")]), "where is my order, or rather when are you", pausing=False)
    assert ahead.lips.prepared == ["Nine to five."]


async def test_what_means_the_same_in_other_words_is_not_prepared_again() -> None:
    ahead = Ahead()
    for text in ("where is my order", "where is my order please"):
        await ahead.look(Script([StartAction(READ)], [Say("It has shipped.")]), text)
    assert ahead.world.ran == [READ]
    assert ahead.lips.prepared == ["It has shipped."]


async def test_the_language_model_thinks_ahead_and_the_dialog_finds_the_thought() -> None:
    model = ScriptedModel(['{"choice": "', 'a"}'])
    ahead = Ahead(model)
    await ahead.look(Script([THINK], [Say("A person will call you.")]))
    assert ahead.lips.prepared == ["A person will call you."]
    thoughts: list[ThoughtReady] = []
    assert ahead.thinker.start(THINK, thoughts.append)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert thoughts == [ThoughtReady(1, {"choice": "a"})]
    assert len(model.asked) == 1


async def test_a_thought_ahead_is_dropped_when_the_caller_means_something_else() -> None:
    model = ScriptedModel(['{"choice": "'], hangs=True)
    ahead = Ahead(model)
    await ahead.look(Script([THINK]))
    assert not model.closed
    await ahead.look(Script([Say("Which order?")]), "where is my order")
    assert model.closed == 1


async def test_no_thought_runs_ahead_while_the_dialog_waits_for_one() -> None:
    model = ScriptedModel(['{"choice": "'], hangs=True)
    ahead = Ahead(model)
    thoughts: list[ThoughtReady] = []
    assert not ahead.thinker.start(THINK, thoughts.append)
    await ahead.look(Script([Think(2, "You answer the phone.", "caller: or is it")]))
    assert len(model.asked) == 1
    assert not model.closed
    with pytest.raises(ValueError, match="waited for"):
        await ahead.thinker.fetch(Think(2, "You answer the phone.", "caller: or is it"))


async def test_a_choice_is_known_before_its_last_letter() -> None:
    model = ScriptedModel(['{"choice"', ': "a'], hangs=True)
    thoughts: list[ThoughtReady] = []
    Thinker(model).start(THINK, thoughts.append)
    for _ in range(20):
        await asyncio.sleep(0)
    assert thoughts == [ThoughtReady(1, {"choice": "a"})]
    assert model.closed == 1, "the server goes on writing what nobody needs"


async def test_a_write_cannot_be_fetched_ahead_even_if_asked_to() -> None:
    world = World()
    with pytest.raises(ValueError, match="never runs ahead"):
        await Hands(world.run, print).fetch(WRITE)
    assert not world.ran


async def test_a_read_that_was_fetched_ahead_is_not_run_again() -> None:
    world = World()
    hands = Hands(world.run, print)
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
