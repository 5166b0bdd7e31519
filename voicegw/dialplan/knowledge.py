"""Markdown to answers: a heading is a question, what stands under it is the answer.

::

    ## Can I return an order?
    - how do I send something back
    - what is your return policy

    You can send anything back within thirty days.

List items between heading and answer are other ways to ask. Headings without text under them only group others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from voicegw.dialplan.model import Answer
from voicegw.dialplan.templates import Template
from voicegw.errors import Problem

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*[-*+]\s+(.*)$")
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|<[^>]+>")
MOST_CHARACTERS = 600
"""Some 40 seconds of speech: no answer may be longer."""


@dataclass
class _Section:
    line: int
    heading: str
    body: list[str]


def parse(text: str, file: str) -> tuple[dict[str, Answer], list[Problem]]:
    """Answers by name (made of their heading), and what is wrong in the file."""
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for section in _sections(text):
        questions, answer = _split(section.body)
        if not answer:
            continue
        name = _name(section.heading)
        if not name:
            hint = "head it with the question that it answers"
            problems.append(Problem(file, section.line, 1, "this heading has no words", hint))
        elif name in answers:
            hint = "put both answers under one heading"
            problems.append(Problem(file, section.line, 1, f"two headings ask {section.heading!r}", hint))
        else:
            problems += _too_long(answer, section, file)
            said = Template(answer, (answer,))
            answers[name] = Answer.model_construct(questions=(_speakable(section.heading), *questions), answer=(said,))
    if not answers and not problems:
        hint = "a heading (## When are you open?) and the answer under it"
        problems.append(Problem(file, 1, 1, "no answers in this file", hint))
    return answers, problems


def _sections(text: str) -> Iterator[_Section]:
    section: _Section | None = None
    for number, line in enumerate(text.splitlines(), 1):
        heading = _HEADING.match(line)
        if heading:
            if section:
                yield section
            section = _Section(number, heading[1], [])
        elif section:
            section.body.append(line)
    if section:
        yield section


def _split(body: list[str]) -> tuple[list[str], str]:
    """Other ways to ask, and the answer."""
    lines = iter(enumerate(body))
    questions: list[str] = []
    start = len(body)
    for index, line in lines:
        item = _ITEM.match(line)
        if item:
            questions.append(_speakable(item[1]))
        elif line.strip():
            start = index
            break
    return questions, _speakable(" ".join(_without_bullets(body[start:])))


def _without_bullets(lines: list[str]) -> Iterator[str]:
    """List items of an answer become sentences."""
    for line in lines:
        item = _ITEM.match(line)
        text = item[1] if item else line
        yield text if not item or text.rstrip().endswith((".", "!", "?", ":", ";", ",")) else f"{text}."


def _speakable(text: str) -> str:
    return " ".join(_MARKS.sub(lambda mark: mark[1] or "", text).split())


def _name(heading: str) -> str:
    words = re.findall(r"\w+", heading.casefold())
    return "_".join(words) if words and words[0][0].isalpha() else "_".join(["q", *words]) if words else ""


def _too_long(answer: str, section: _Section, file: str) -> list[Problem]:
    if len(answer) <= MOST_CHARACTERS:
        return []
    message = f"the answer is too long to listen to ({len(answer)} characters)"
    return [Problem(file, section.line, 1, message, f"at most {MOST_CHARACTERS}; split it under two headings")]
