"""How a dialplan begins: as a copy of another one under its own name, or as little as can take a call. Pure."""

import re

from voicegw.errors import SetupError

NAME = re.compile(r"[a-z][a-z0-9-]*")
NUMBER = re.compile(r"\*|\+?[0-9A-Za-z._-]+")
RESERVED = frozenset({"new"})
"""Addresses of the console's own pages."""
SKELETON = """\
# What callers can be told and what can be done for them; `knowledge` has the answers, `tasks` what takes steps.
name: NAME
language: en
numbers: [NUMBERS]
persona: You answer the phone for a company. You are friendly and brief.

greeting: Hello. How can I help?

tasks: {}

knowledge:
  answers:
    opening_hours:
      questions:
        - when are you open
        - what are your opening hours
        - are you open on weekends
      answer: We're open Monday to Friday, nine to five.

handoff:
  to: sip:reception@pbx.example
  say: One moment, I'll put you through.
  failed:
    - say: I'm sorry, nobody is free right now. Please call again later.
    - end: call

limits:
  no_input:
    say: [Are you still there?, What would you like?]
    then:
      - say: I can't hear you. Please call again. Goodbye.
      - end: call
  no_match:
    say: ["Sorry, could you say that in other words?"]
    then:
      - transfer: was not understood

tests:
  - name: opening hours
    talk:
      - caller: [when are you open, what are your hours]
        agent: Monday to Friday
"""


def begun(source: str, name: str, numbers: list[str]) -> str:
    """The text of ``source`` as a dialplan of its own, everything but name and numbers as it was.

    :raises SetupError: it cannot be called so, or have these numbers.
    """
    if not NAME.fullmatch(name) or name in RESERVED:
        raise SetupError(f"a dialplan cannot be called {name!r}: small letters, digits and hyphens, as acme-orders")
    wrong = [number for number in numbers if not NUMBER.fullmatch(number)]
    if wrong or not numbers:
        raise SetupError(f"not a number to answer: {', '.join(wrong) or '(none)'}; write 5000 or +15550100, or *")
    quoted = ", ".join(f'"{number}"' for number in numbers)
    return _put(_put(source, "name", name), "numbers", f"[{quoted}]")


def _put(source: str, key: str, value: str) -> str:
    """Another value of a key at the left margin, with all the lines that belong to it."""
    return re.sub(rf"^{key}:.*(?:\n(?:[ \t]+|- ).*)*", lambda _: f"{key}: {value}", source, count=1, flags=re.MULTILINE)
