"""What is in deploy/ is what Kubernetes, Compose, Prometheus and Grafana take, and names what there is."""

import json
import re
from pathlib import Path

import kubernetes_validate
import pytest
from compose_spec import ComposeSpecification
from ruamel.yaml import YAML

from tests.scripts import loaded
from voicegw import config
from voicegw.observe.machine import MachineState

DEPLOY = Path(__file__).parents[2] / "deploy"
MANIFESTS = sorted(file for file in (DEPLOY / "kubernetes").glob("*.yml") if file.name != "kustomization.yml")
METRICS = set(re.findall(r"`(voicegw_\w+)`", (DEPLOY.parent / "docs" / "metrics.md").read_text()))
METRICS |= {f"{name}{suffix}" for name in METRICS for suffix in ("_bucket", "_sum", "_count")}


def documents(file: Path) -> list[dict]:
    return [dict(each) for each in YAML(typ="safe").load_all(file.read_text()) if each]


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.name)
def test_kubernetes_takes_the_manifests(file):
    for document in documents(file):
        kubernetes_validate.validate(document, "1.31", strict=True)


def test_the_kustomization_names_every_manifest():
    (kustomization,) = documents(DEPLOY / "kubernetes" / "kustomization.yml")
    assert sorted(kustomization["resources"]) == [file.name for file in MANIFESTS]


def test_compose_takes_its_file():
    (compose,) = documents(DEPLOY / "compose" / "compose.yml")
    ComposeSpecification.model_validate(compose)
    assert set(compose["volumes"]) == {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
        if volume[0].isalpha()
    }


def variables() -> list[str]:
    """Names of settings in the environment of containers."""
    text = "".join(file.read_text() for file in (*MANIFESTS, DEPLOY / "compose" / "compose.yml", DEPLOY / "runbook.md"))
    return sorted(set(re.findall(r"\bVOICEGW_[A-Z_]+", text)))


@pytest.mark.parametrize("name", variables())
def test_every_setting_in_an_environment_is_one(monkeypatch, name):
    value = {"VOICEGW_SIP__RTP_PORT": "20000", "VOICEGW_EDGE__PROVIDER": "kamailio", "VOICEGW_LLM__PROVIDER": "url",
             "VOICEGW_LOG__FORMAT": "json"}.get(name, "")  # fmt: skip
    monkeypatch.setenv(name, value)
    config.load()


def test_gateways_are_ready_and_healthy_where_kubernetes_asks_and_end_after_their_calls():
    gateway = documents(DEPLOY / "kubernetes" / "gateway.yml")[0]
    pod = gateway["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    options = dict(zip(container["args"], container["args"][1:], strict=False))
    assert int(options["--drain-s"]) + int(options["--wrap-up-s"]) < pod["terminationGracePeriodSeconds"]


def test_the_dashboard_is_current_and_asks_for_metrics_that_exist():
    made = loaded(DEPLOY / "grafana_dashboard.py")
    dashboard = made.dashboard()
    assert json.loads(made.FILE.read_text()) == dashboard, "run: python deploy/grafana_dashboard.py --write"
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert {name for text in expressions for name in re.findall(r"voicegw_\w+", text)} <= METRICS
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


def test_scaling_goes_by_metrics_that_exist():
    rules = documents(DEPLOY / "kubernetes" / "scaling.yml")[1]["data"]["rules.yml"]
    assert set(re.findall(r"voicegw_\w+", rules)) - {"voicegw_slots_taken_share"} <= METRICS
    assert MachineState("idle").free_slots == 0
