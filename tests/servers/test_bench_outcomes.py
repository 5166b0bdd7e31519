"""The bench of lists and searches, over a few calls."""

import pytest

from voicegw.errors import SetupError
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.bench_outcomes import NEWEST, PLANS, SEARCHES, made_up_calls, measure
from voicegw.qa.benching import Run

pytestmark = pytest.mark.servers

COUNT = 3000


async def test_it_fills_an_empty_database_and_times_every_search(empty_database: str) -> None:
    figures = await measure(empty_database, COUNT, Run(lambda text: None))
    assert [figure.unit for figure in figures] == ["s"] + ["ms"] * len(SEARCHES)
    assert all(figure.value for figure in figures)
    store = OutcomeStore(empty_database)
    newest = await store.list_calls(Wanted(limit=COUNT + 1))
    withheld = await store.list_calls(Wanted(number="anonymous", limit=COUNT))
    story = await store.show_call(newest[0].call_id)
    await store.close()
    assert len(newest) == COUNT
    assert newest[0].began_at == NEWEST
    assert {call.dialplan for call in newest} == set(PLANS)
    assert 0.05 < len(withheld) / COUNT < 0.15
    assert story is not None
    assert story.call == newest[0]
    with pytest.raises(SetupError, match="name an empty one"):
        await measure(empty_database, COUNT, Run(lambda text: None))


def test_the_same_calls_are_made_up_every_time() -> None:
    assert list(made_up_calls(50)) == list(made_up_calls(50))
