"""What is in force after publishing, rolling out and rolling back."""

import pytest

from voicegw.errors import SetupError
from voicegw.publishing.record import Bundle, InForce

V3 = InForce("acme", 3)
TRIAL = InForce("acme", 3, 4, 10)


def test_a_version_is_published_for_everybody_or_on_trial():
    assert V3.publishing(4, 100) == InForce("acme", 4)
    assert V3.publishing(4, 10) == TRIAL
    assert TRIAL.publishing(5, 20) == InForce("acme", 3, 5, 20)
    assert TRIAL.publishing(5, 100) == InForce("acme", 5)


def test_a_trial_grows_wins_or_ends():
    assert TRIAL.with_share(50) == InForce("acme", 3, 4, 50)
    assert TRIAL.with_share(100) == InForce("acme", 4)
    assert TRIAL.with_share(0) == V3
    with pytest.raises(SetupError, match="no version of acme is on trial"):
        V3.with_share(50)


def test_going_back_ends_the_trial_or_takes_the_version_before():
    assert TRIAL.rolled_back(None, 2) == V3
    assert V3.rolled_back(None, 2) == InForce("acme", 2)
    assert V3.rolled_back(0, 2) == InForce("acme")
    assert TRIAL.rolled_back(1, 2) == InForce("acme", 1)
    with pytest.raises(SetupError, match="has no version before v3"):
        V3.rolled_back(None, None)


def test_content_is_told_apart_by_its_digest():
    bundles = [
        Bundle("a"),
        Bundle("b"),
        Bundle("a", {"x.md": "1"}),
        Bundle("a", {"x.md": "2"}),
        Bundle("a", {"y.md": "1"}),
    ]
    assert len({bundle.digest for bundle in bundles}) == len(bundles)
    assert Bundle("a", {"x": "1", "y": "2"}).digest == Bundle("a", {"y": "2", "x": "1"}).digest
