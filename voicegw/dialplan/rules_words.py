"""Rules about words: values that templates name, prompts that can be listened to, examples that can be told apart."""

import re
from collections.abc import Callable, Iterator, Mapping

from voicegw.dialplan.findings import Finding, Loc, Placed, Tools, steps_of
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.phrases import PHRASES
from voicegw.dialplan.slots import KEYED, AnySlot
from voicegw.dialplan.steps import Call, Decide, Say, Set
from voicegw.dialplan.templates import Template
from voicegw.documents.positions import closest

Rule = Callable[[Dialplan, Tools], Iterator[Finding]]

LONG_CHARACTERS = 300
"""Some 20 seconds of speech: nobody listens longer without a pause to answer."""
FEW_EXAMPLES = 5
UNSPEAKABLE = re.compile(r"https?://|www\.|[*_#<>\[\]\\|~^]|[\U0001F300-\U0001FAFF☀-➿]")
"""What voices spell out or stumble over: addresses of web pages, markup, emoji."""
REFUSED_WITH = ("reason", "refused_for")
"""Values of a result that policy refused: the words, and ``amount``, ``identity``, ``hours`` or ``rate``."""
FORMATS_OF = {
    "digits": ("plain", "digits", "phone", "spelled"),
    "code": ("plain", "spelled", "digits"),
    "money": ("plain", "money", "number"),
    "date": ("plain", "date", "day"),
    "time": ("plain", "time"),
    "email": ("plain", "email", "spelled"),
    "name": ("plain", "spelled"),
    "phone": ("plain", "phone", "digits"),
    "duration": ("plain", "duration", "number"),
    "number": ("plain", "number", "digits", "money", "duration"),
}
"""Formats that make sense for a slot type; types that are not here take any."""


def prompts(plan: Dialplan) -> Iterator[tuple[Loc, tuple[Template, ...], Placed | None]]:
    """Everything that is said, with its place; with its step if it is part of one."""
    yield ("greeting", "say"), plan.greeting.say, None
    yield ("greeting", "notices"), plan.greeting.notices or (), None
    yield ("handoff", "say"), plan.handoff.say, None
    yield ("limits", "no_input", "say"), plan.limits.no_input.say, None
    yield ("limits", "no_match", "say"), plan.limits.no_match.say, None
    yield ("knowledge", "unknown"), plan.knowledge.unknown or (), None
    for name, answer in plan.knowledge.answers.items():
        yield ("knowledge", "answers", name, "answer"), answer.answer, None
    for name, slot in plan.slots.items():
        yield ("slots", name, "ask"), slot.ask, None
        yield ("slots", name, "help"), slot.help or (), None
    for placed in steps_of(plan):
        yield from ((loc, said, placed) for loc, said in _prompts_of(placed))


def _prompts_of(placed: Placed) -> Iterator[tuple[Loc, tuple[Template, ...]]]:
    step, loc = placed.step, placed.loc
    if isinstance(step, Say):
        yield (*loc, "say"), step.say
    elif isinstance(step, Decide):
        yield (*loc, "offer"), step.offer
    elif isinstance(step, Call):
        yield (*loc, "confirm"), step.confirm or ()
        yield (*loc, "waiting"), step.waiting or ()
        yield (*loc, "promise", "say"), step.promise.say if step.promise else ()


def values_are_known(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A template or condition names a value that nothing gives."""
    known = _known_names(plan, tools)
    if known is None:
        return
    for loc, said, _ in prompts(plan):
        for index, template in enumerate(said):
            for reference in template.references:
                if reference.name not in known:
                    yield _unknown(_wording(loc, said, index), reference.name, known)
    for placed in steps_of(plan):
        for name in placed.step.when.names if placed.step.when else ():
            if name not in known:
                yield _unknown((*placed.loc, "when"), name, known)
        for loc, template in _handed_on(placed):
            for reference in template.references:
                if reference.name not in known:
                    yield _unknown(loc, reference.name, known)


def _handed_on(placed: Placed) -> Iterator[tuple[Loc, Template]]:
    """Templates that are not said: what tools get, and what slots are set to."""
    step = placed.step
    if isinstance(step, Call):
        yield from (((*placed.loc, "with", name), template) for name, template in step.arguments.items())
        written = step.promise.written() if step.promise else ()
        yield from (((*placed.loc, "promise", *place), template) for place, template in written)
    if isinstance(step, Set):
        for name, value in step.set.items():
            if isinstance(value, Template):
                yield (*placed.loc, "set", name), value


def _unknown(loc: Loc, name: str, known: Mapping[str, str]) -> Finding:
    hint = closest(name, list(known)) or f"known are {', '.join(sorted(known))}"
    return Finding(loc, f"nothing is called {name!r}", hint)


def _known_names(plan: Dialplan, tools: Tools) -> dict[str, str] | None:
    """Names of values, with the type of those that are slots; None if tools give more that is not known."""
    known: dict[str, str] = {"caller": "phone", "handoff_failed": ""} | {
        name: slot.type for name, slot in plan.slots.items()
    }
    for placed in steps_of(plan):
        if isinstance(placed.step, Set):
            known |= dict.fromkeys(placed.step.set, "")
        if isinstance(placed.step, Call):
            if tools is None:
                return None
            given = tools[placed.step.call].gives if placed.step.call in tools else frozenset()
            refused = REFUSED_WITH if placed.step.confirm else ()
            known |= {name: "" for name in (*given, *refused) if name not in known}
    return known


def results_are_seen(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A tool gives a value that has the name of a slot: what is said is the slot's."""
    for placed in steps_of(plan):
        step = placed.step
        if not isinstance(step, Call) or tools is None or step.call not in tools:
            continue
        for name in sorted(tools[step.call].gives & plan.slots.keys() - {"status", "reason"}):
            hint = f"call the slot otherwise, as {name}_wanted"
            message = f"{step.call} gives {name!r}, which cannot be used: a slot is called so, too"
            yield Finding((*placed.loc, "call"), message, hint, "warning")


def formats_fit(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A value is spoken as something that it is not: an order number as money."""
    for loc, said, _ in prompts(plan):
        for index, template in enumerate(said):
            for reference in template.references:
                slot = plan.slots.get(reference.name)
                fitting = FORMATS_OF.get(slot.type) if slot else None
                if reference.format and fitting and slot and reference.format not in fitting:
                    message = f"{reference.name} is of type {slot.type}, which is not spoken as {reference.format!r}"
                    yield Finding(_wording(loc, said, index), message, f"formats for it are {', '.join(fitting)}")


def prompts_can_be_heard(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A prompt that is too long, or has something in it that a voice cannot speak."""
    for loc, said, _ in prompts(plan):
        for index, template in enumerate(said):
            at = _wording(loc, said, index)
            words = "".join(part for part in template.parts if isinstance(part, str))
            if len(words) > LONG_CHARACTERS:
                hint = f"at most {LONG_CHARACTERS} characters at a time; put a question in between"
                yield Finding(at, f"too long to listen to ({len(words)} characters)", hint, "warning")
            unspeakable = UNSPEAKABLE.search(words)
            if unspeakable:
                hint = "write what a person would say"
                yield Finding(at, f"{unspeakable[0]!r} cannot be spoken", hint, "warning")


def secrets_stay_secret(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A secret that would be said aloud, or looked at."""
    secure = {name for name, slot in plan.slots.items() if slot.secure}
    for loc, said, _ in prompts(plan):
        for index, template in enumerate(said):
            for reference in template.references:
                if reference.name in secure:
                    yield Finding(_wording(loc, said, index), f"{reference.name} is secret and cannot be said", _LEAVE)
    for placed in steps_of(plan):
        for name in secure & set(placed.step.when.names if placed.step.when else ()):
            yield Finding((*placed.loc, "when"), f"{name} is secret and cannot be compared", _LEAVE)
    for name in sorted(secure):
        if plan.slots[name].type != "digits":
            hint = "only `type: digits` can be secret"
            yield Finding(("slots", name, "secure"), f"{name} is no string of digits", hint)
        if plan.slots[name].confirm != "none":
            hint = "leave `confirm` out; a check digit and the tool tell whether it is right"
            yield Finding(("slots", name, "confirm"), f"{name} is secret and cannot be said back", hint)


_LEAVE = "give it to a tool under `with:`, and leave it out here"


def phrases_exist(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A phrase that nothing says, or with a value that it does not have."""
    for name, said in plan.phrases.items():
        phrase = PHRASES.get(name)
        if phrase is None:
            hint = closest(name, list(PHRASES)) or f"phrases are {', '.join(PHRASES)}"
            yield Finding(("phrases", name), f"there is no phrase {name!r}", hint)
            continue
        for template in said:
            for reference in template.references:
                if reference.name not in phrase.names:
                    hint = f"it can use {', '.join(phrase.names)}" if phrase.names else "it has no values"
                    yield Finding(("phrases", name), f"{reference.name!r} is not known in this phrase", hint)


def wordings_differ(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """The same question in the same words, time after time."""
    for name, slot in plan.slots.items():
        if slot.tries > 1 and len(slot.ask) == 1:
            hint = "add a second wording: a question that was not understood is asked in other words"
            yield Finding(("slots", name, "ask"), f"{name} is always asked in the same words", hint, "warning")


def slots_have_another_way(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A value that can only be spoken, and no way out of one's own when that fails."""
    for name, slot in plan.slots.items():
        if not _keyed(slot) and slot.type in KEYED and not slot.otherwise:
            hint = "leave `keypad` on, or say what happens under `otherwise:`"
            yield Finding(("slots", name), f"{name} can neither be keyed in nor got around", hint, "warning")


def _keyed(slot: AnySlot) -> bool:
    return slot.keypad and slot.type in KEYED


def examples_are_enough(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """Too few sentences to know a task by."""
    for name, task in plan.tasks.items():
        if 0 < len(task.examples) < FEW_EXAMPLES:
            hint = f"give at least {FEW_EXAMPLES}, worded differently"
            message = f"{len(task.examples)} examples are few to know the task {name!r} by"
            yield Finding(("tasks", name, "examples"), message, hint, "warning")


def examples_are_told_apart(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """The same sentence for two tasks or answers."""
    owners: dict[str, str] = {}
    for name, sentences in plan.examples().items():
        for index, sentence in enumerate(sentences):
            words = " ".join(re.findall(r"\w+", sentence.casefold()))
            owner = owners.setdefault(words, name)
            if owner != name:
                message = f"{sentence!r} is an example of two things: {spoken_intent(owner)} and {spoken_intent(name)}"
                yield Finding(place_of_example(name, index), message, "keep it in the one that callers mean by it")


def spoken_intent(intent: str) -> str:
    """An intent as people would call it: ``task 'refund'``."""
    kind, name = intent.split(".")
    return f"{'the in-built intent' if kind == 'talk' else kind} {name!r}"


def place_of_example(intent: str, index: int) -> Loc:
    """Where an example of an intent stands."""
    kind, name = intent.split(".")
    places: dict[str, Loc] = {
        "task": ("tasks", name, "examples", index),
        "answer": ("knowledge", "answers", name, "questions", index),
    }
    return places.get(kind, ("handoff", "examples"))


def _wording(loc: Loc, said: tuple[Template, ...], index: int) -> Loc:
    """Of several wordings, the one; a single one stands at the key itself."""
    return (*loc, index) if len(said) > 1 else loc


RULES: tuple[Rule, ...] = (
    values_are_known,
    results_are_seen,
    formats_fit,
    prompts_can_be_heard,
    secrets_stay_secret,
    phrases_exist,
    wordings_differ,
    slots_have_another_way,
    examples_are_enough,
    examples_are_told_apart,
)
