"""When somebody should look, and when not."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scripts import loaded
from voicegw.config import AlertSettings
from voicegw.observe.machine import CellUp, MachineState
from voicegw.observe.rules import Seen, Spell, alerts, is_worse, prometheus_rules

ROOT = Path(__file__).parents[2]
LIMITS = AlertSettings()
USUAL = Spell(over=1000, completed=800, turns=5000, no_match=250, latency_p95_ms=800.0)


def rules_of(**seen) -> list[tuple[str, str]]:
    return [(alert.rule, alert.subject) for alert in alerts(Seen(**seen), LIMITS)]


@pytest.mark.parametrize(
    ("recent", "rules"),
    [
        (Spell(40, 32, 200, 10, 800.0), []),
        (Spell(40, 24, 200, 10, 800.0), ["CompletionFell"]),
        (Spell(10, 1, 10, 9, 5000.0), []),  # too few to say anything
        (Spell(40, 32, 200, 10, 1201.0), ["LatencyOverPromise"]),
        (Spell(40, 32, 200, 40, 800.0), ["NoMatchJumped"]),
    ],
)
def test_a_dialplan_is_measured_by_its_own_days_and_by_the_promise(recent, rules):
    assert rules_of(recent={"acme": recent}, usual={"acme": USUAL}) == [(rule, "acme") for rule in rules]


def test_a_dialplan_that_never_understood_much_has_not_jumped():
    usual = Spell(1000, 800, 1000, 150)
    assert rules_of(recent={"acme": Spell(40, 32, 100, 20)}, usual={"acme": usual}) == []


def test_tools_and_machines_are_watched():
    machine = MachineState("here", (CellUp(0, 0, 4),), cells_wanted=2, redis_up=False, spool_bytes=2_000_000)
    found = rules_of(tools={"shop.find": (10, 3), "shop.rare": (4, 4), "shop.well": (100, 20)}, machine=machine)
    assert found == [
        ("ToolFails", "shop.find"),
        ("SpoolGrows", "here"),
        ("ServerAway", "Redis here"),
        ("CellsMissing", "here"),
    ]


def test_a_trunk_that_is_down_is_named_and_one_that_is_up_is_not():
    machine = MachineState("here", trunks={"15550100@sip.provider.example": False, "203.0.113.10": True})
    assert rules_of(machine=machine) == [("TrunkDown", "15550100@sip.provider.example")]


def test_a_version_is_worse_only_by_a_margin_and_hardly_by_chance():
    older = Spell(200, 160)
    assert is_worse(Spell(100, 55), older, LIMITS)
    assert not is_worse(Spell(20, 14), older, LIMITS), "10 points on 20 calls is chance"
    assert not is_worse(Spell(5000, 3700), Spell(5000, 4000), LIMITS), "certain, and too little to go back for"
    assert not is_worse(Spell(19, 0), older, LIMITS)
    assert rules_of(versions={"acme": ((4, Spell(100, 55)), (3, older))}) == [("VersionWorse", "acme")]


@pytest.fixture
def rules_file():
    return loaded(ROOT / "deploy" / "prometheus_rules.py")


def test_prometheus_has_the_same_rules(rules_file):
    assert rules_file.FILE.read_text() == rules_file.text(), "run: python deploy/prometheus_rules.py --write"


def test_every_metric_in_a_rule_exists():
    known = set(re.findall(r"`(voicegw_\w+)`", (ROOT / "docs" / "metrics.md").read_text()))
    known |= {f"{name}_bucket" for name in known}
    used = {name for rule in prometheus_rules(LIMITS) for name in re.findall(r"voicegw_\w+", rule.expression)}
    assert used <= known


def test_prometheus_takes_the_rules(rules_file):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    done = subprocess.run(["promtool", "check", "rules", rules_file.FILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
