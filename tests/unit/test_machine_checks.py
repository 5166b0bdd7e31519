"""What doctor says of the machine."""

import resource
import socket
from pathlib import Path

import pytest

from voicegw import config
from voicegw.config import Settings
from voicegw.gateway import machine_checks
from voicegw.gateway.finding import Verdict


def _settings(**values: object) -> Settings:
    return config.from_values(values)


def test_a_busy_port_is_named_with_what_to_do_and_who_has_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        finding = machine_checks.sip_ports(_settings(sip={"host": "127.0.0.1", "port": port}))
    assert finding.verdict is Verdict.FAIL
    assert f"127.0.0.1:{port}/udp cannot be used (Address already in use) by process" in finding.found
    assert "sip.port" in finding.to_do


def test_a_port_that_is_free_is_fine_afterwards_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = _settings(sip={"host": "127.0.0.1", "port": port})
    assert machine_checks.sip_ports(settings).verdict is Verdict.OK
    assert machine_checks.sip_ports(settings).verdict is Verdict.OK


def test_a_chosen_port_needs_no_look() -> None:
    assert machine_checks.sip_ports(_settings(sip={"port": 0})).verdict is Verdict.OK


def test_an_address_that_is_not_ours_is_said() -> None:
    finding = machine_checks.sip_ports(_settings(sip={"host": "192.0.2.1"}))
    assert finding.verdict is Verdict.FAIL
    assert "Cannot assign requested address" in finding.found


def test_few_file_descriptors_for_many_calls_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    assert machine_checks.file_descriptors(_settings(workers={"most": 16})).verdict is Verdict.OK
    finding = machine_checks.file_descriptors(_settings(workers={"most": 200}))
    assert finding.verdict is Verdict.WARN
    assert "ulimit -n" in finding.to_do


@pytest.mark.parametrize(("provider", "verdict"), [("hibari", Verdict.WARN), ("piper", Verdict.FAIL)])
def test_without_espeak_only_voices_that_need_it_fail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, provider: str, verdict: Verdict
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = machine_checks.programs(_settings(tts={"provider": provider}))
    assert finding.verdict is verdict
    assert finding.to_do == "apt-get install espeak-ng"


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = machine_checks.folders(_settings(data_dir=tmp_path / "file" / "data", cache_dir=tmp_path))
    assert finding.verdict is Verdict.FAIL
    assert "data_dir" in finding.to_do


def test_a_folder_that_does_not_exist_yet_is_fine_and_is_not_made(tmp_path: Path) -> None:
    finding = machine_checks.folders(_settings(data_dir=tmp_path / "a" / "b", cache_dir=tmp_path))
    assert finding.verdict is Verdict.OK
    assert list(tmp_path.iterdir()) == []


def test_the_rest_of_the_machine_is_looked_at() -> None:
    for check in (machine_checks.processors, machine_checks.memory, machine_checks.clock):
        finding = check(Settings())
        assert finding.verdict in (Verdict.OK, Verdict.WARN)
        assert bool(finding.to_do) == (finding.verdict is Verdict.WARN)
