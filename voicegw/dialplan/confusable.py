"""Examples that cannot be told apart: sentences of two intents that lie too close, by given sentence vectors."""

from collections.abc import Iterator, Mapping

import numpy as np

from voicegw.dialplan.findings import Finding
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.rules_words import place_of_example, spoken_intent

TOO_CLOSE = 0.86
"""Cosine of two sentences (MiniLM) from which they count as the same thing said twice."""


def confusable(plan: Dialplan, vectors: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    """Examples that are as good as the same as an example of something else.

    :param vectors: for each intent of ``plan.examples()``, unit vectors ``[sentences, dimensions]`` in order.
    """
    examples = plan.examples()
    names = list(examples)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            yield from _between(examples, vectors, name, other)


def _between(
    examples: Mapping[str, tuple[str, ...]], vectors: Mapping[str, np.ndarray], name: str, other: str
) -> Iterator[Finding]:
    if name.startswith("talk.") and other.startswith("talk."):
        return
    for here, there in np.argwhere(vectors[name] @ vectors[other].T >= TOO_CLOSE):
        first, second = examples[name][here], examples[other][there]
        if first.casefold() == second.casefold():
            continue  # told as the same sentence already
        message = f"{second!r} can hardly be told from {first!r}, an example of {spoken_intent(name)}"
        place = place_of_example(other, int(there))
        if other.startswith("talk."):
            message = f"{first!r} can hardly be told from {second!r}, an example of {spoken_intent(other)}"
            place = place_of_example(name, int(here))
        yield Finding(place, message, "word it so that only one of them can be meant, or leave it out", "warning")
