"""docs/metrics.md says what is so."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metrics_reference", DOCS / "metrics_reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_metrics_is_current(reference: ModuleType) -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert reference.with_table(page) == page, "run: python docs/metrics_reference.py --write"


def test_every_metric_is_fed_by_a_call_or_a_look_at_the_machine(reference: ModuleType) -> None:
    assert [family.name for family in reference.fed().registry.collect() if not family.samples] == []
