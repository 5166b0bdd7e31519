"""What the bench of the language model counts as right, and as wrong."""

from pathlib import Path

from voicegw.dialplan import files
from voicegw.nlu.understanding import IntentScore, Understanding
from voicegw.qa.bench_reasoning import Thought, Unsure, figures

(PLAN,) = files.load(Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml")


def turn(wanted: set[str], **scores: float) -> Unsure:
    intents = tuple(IntentScore(f"task.{name}", score) for name, score in scores.items())
    return Unsure(PLAN, Understanding("something with my parcel", intents), frozenset(wanted))


def test_a_choice_that_is_meant_is_right_and_another_one_is_wrong() -> None:
    refund = turn({"task.refund"}, order_status=0.45, refund=0.4)
    nothing = turn(set(), order_status=0.4)
    thoughts = [
        Thought(refund, "task.refund", 300.0),
        Thought(refund, "task.order_status", 300.0),
        Thought(refund, "none", 300.0),
        Thought(nothing, "none", 500.0),
    ]
    found = {figure.name.removeprefix("reasoning, shipped: "): figure.value for figure in figures("shipped", thoughts)}
    likeliest = found["unsure turns where the reflex's likeliest is right"]
    asked_about = found["right among the one or two that are asked about without the model"]
    by_model, wrong = found["right by the model"], found["taken for something else by the model"]
    assert (likeliest, asked_about, by_model, wrong) == (0.0, 75.0, 50.0, 25.0)


def test_where_one_is_clearly_the_likeliest_both_are_told() -> None:
    clear, close = (
        turn({"task.refund"}, refund=0.8, order_status=0.1),
        turn({"task.refund"}, refund=0.8, order_status=0.7),
    )
    thoughts = [Thought(clear, "task.order_status", 300.0), Thought(close, "task.refund", 300.0)]
    found = {figure.name.removeprefix("reasoning, shipped: "): figure for figure in figures("shipped", thoughts)}
    likeliest, model = found["the likeliest right where it is clear"], found["the model right there"]
    assert (likeliest.value, likeliest.n, model.value, model.n) == (100.0, 1, 0.0, 1)
