"""Examples of two things that mean the same are told."""

import numpy as np

from voicegw.dialplan.confusable import confusable
from voicegw.dialplan.parse import parse

PLAN = parse("""\
name: shop
numbers: ["1"]
greeting: Hi.
tasks:
  status: {title: an order, examples: [where is it, is it sent], steps: [{say: Soon.}]}
  refund: {title: a refund, examples: [money back, "where's it"], steps: [{say: No.}]}
handoff: {to: sip:a@b.example, say: One moment., failed: Nobody is there.}
limits:
  no_input: {say: Hello?, then: {end: call}}
  no_match: {say: Sorry?, then: {end: call}}
""")


def vectors(**alike: tuple[str, int]) -> dict[str, np.ndarray]:
    """All sentences at right angles, but those that are named together."""
    sentences = [(name, index) for name, each in PLAN.examples().items() for index in range(len(each))]
    axes = dict(zip(sentences, np.eye(len(sentences), dtype=np.float32), strict=True))
    for one, other in alike.values():
        axes[one] = axes[other]
    return {name: np.stack([axes[name, index] for index in range(len(each))]) for name, each in PLAN.examples().items()}


def test_sentences_that_are_apart_are_fine():
    assert list(confusable(PLAN, vectors())) == []


def test_two_tasks_that_say_the_same_are_told_at_the_second():
    (finding,) = confusable(PLAN, vectors(a=(("task.refund", 1), ("task.status", 0))))
    assert finding.loc == ("tasks", "refund", "examples", 1)
    assert finding.message == "\"where's it\" can hardly be told from 'where is it', an example of task 'status'"
    assert finding.severity == "warning"


def test_an_example_that_sounds_like_goodbye_is_told_at_the_example():
    (finding,) = confusable(PLAN, vectors(a=(("talk.goodbye", 0), ("task.status", 1))))
    assert finding.loc == ("tasks", "status", "examples", 1)
    assert "the in-built intent 'goodbye'" in finding.message
