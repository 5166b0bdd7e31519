"""``voicegw doctor`` against servers that answer and servers that do not."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voicegw import config
from voicegw.config import Settings
from voicegw.gateway import parts_checks
from voicegw.gateway.doctor import examine
from voicegw.gateway.finding import Finding, Verdict
from voicegw.gateway.valkey import start_embedded_valkey
from voicegw.outcomes.migrate import migrate

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parent.parent.parent
DEAD = "127.0.0.1:9"


@pytest.fixture
def llm_url() -> Iterator[str]:
    """A server that says which models it has."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"data": [{"id": "big"}]}' if self.path == "/v1/models" else b"hello"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _settings(tmp_path: Path, **values: object) -> Settings:
    return config.from_values({"data_dir": tmp_path / "data", "sip": {"port": 0}, **values})


def _about(findings: list[Finding], about: str) -> Finding:
    (finding,) = [finding for finding in findings if finding.about == about]
    return finding


async def test_servers_that_are_away_are_each_named_with_what_to_do(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path,
        database_url=f"postgresql://me:secret@{DEAD}/calls",
        redis_url=f"redis://:secret@{DEAD}",
        llm={"provider": "url", "url": f"http://{DEAD}/v1"},
    )
    findings = await examine(settings)
    for about, setting in (("database", "database_url"), ("Redis", "redis_url"), ("language model", "llm.url")):
        finding = _about(findings, about)
        assert finding.verdict is Verdict.FAIL
        assert DEAD in finding.found
        assert setting in finding.to_do
    assert "secret" not in str(findings)


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    await examine(_settings(tmp_path, redis_url=f"redis://{DEAD}"))
    assert list(tmp_path.iterdir()) == []


async def test_servers_that_answer_are_fine(tmp_path: Path, llm_url: str) -> None:
    valkey = await start_embedded_valkey(tmp_path / "valkey")
    try:
        settings = _settings(
            tmp_path, redis_url=valkey.url, llm={"provider": "url", "url": f"{llm_url}/v1", "model": "big"}
        )
        settings.data_dir.mkdir()
        await migrate(settings.resolved_database_url)
        findings = await examine(settings)
    finally:
        await valkey.stop()
    for about in ("database", "Redis", "language model", "SIP port"):
        assert _about(findings, about).verdict is Verdict.OK


async def test_a_server_without_the_model_names_those_it_has(tmp_path: Path, llm_url: str) -> None:
    settings = _settings(tmp_path, llm={"provider": "url", "url": f"{llm_url}/v1", "model": "small"})
    finding = await parts_checks.language_model(settings)
    assert finding.verdict is Verdict.WARN
    assert "serves big, not small" in finding.found


async def test_something_else_behind_the_url_is_said(tmp_path: Path, llm_url: str) -> None:
    settings = _settings(tmp_path, llm={"provider": "url", "url": llm_url})
    finding = await parts_checks.language_model(settings)
    assert finding.verdict is Verdict.FAIL
    assert finding.to_do == "llm.url usually ends in /v1"


async def test_an_integration_whose_system_is_away_is_named(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://shop:secret@{DEAD}/orders"
    settings = _settings(tmp_path, integrations=ROOT / "integrations", integration={"orders_db": {"url": url}})
    finding = _about(await parts_checks.integrations(settings), "integration orders_db")
    assert finding.verdict is Verdict.WARN
    assert f"cannot reach postgresql+asyncpg://shop:***@{DEAD}/orders" in finding.found
    assert "orders_db/README.md" in finding.to_do
    findings = await parts_checks.integrations(_settings(tmp_path, integrations=ROOT / "integrations"))
    assert {(finding.verdict, finding.found) for finding in findings} == {(Verdict.OK, "well")}


def test_missing_models_say_how_to_get_them(tmp_path: Path) -> None:
    settings = _settings(tmp_path, cache_dir=tmp_path, tts={"provider": "piper"}, dialplans=ROOT / "dialplans")
    findings = list(parts_checks.models(settings))
    assert {finding.to_do for finding in findings} >= {
        "`voicegw models pull minilm`",
        "`voicegw models pull piper-joe`",
        "`voicegw models pull whisper-tiny.en`",
    }
    assert all(finding.verdict is Verdict.FAIL for finding in findings)


def test_each_problem_of_a_dialplan_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("nmae: x\nlanguage: 12\n", encoding="utf-8")
    findings = list(parts_checks.dialplans(_settings(tmp_path, dialplans=tmp_path)))
    assert len(findings) > 1
    assert all(finding.verdict is Verdict.FAIL and "broken.yaml:" in finding.found for finding in findings)


def _doctor(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "voicegw", "doctor", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_ends_with_1_when_calls_would_not_work(tmp_path: Path) -> None:
    done = _doctor("--json", VOICEGW_CACHE_DIR=str(tmp_path), VOICEGW_DATA_DIR=str(tmp_path))
    assert done.returncode == 1, done.stderr
    verdicts = {row["about"]: row["verdict"] for row in json.loads(done.stdout)}
    assert verdicts["model minilm"] == "fail"
    assert verdicts["SIP stack"] == "ok"


def test_the_command_says_what_to_do_in_plain_text(tmp_path: Path) -> None:
    done = _doctor(VOICEGW_CACHE_DIR=str(tmp_path), VOICEGW_DATA_DIR=str(tmp_path), COLUMNS="200")
    assert "→ `voicegw models pull minilm`" in done.stdout
    assert "to mend before calls work" in done.stdout


def test_wrong_settings_are_one_line_and_exit_code_2() -> None:
    done = _doctor(VOICEGW_SIP__PROT="5060")
    assert done.returncode == 2
    assert done.stderr == "voicegw: settings: unknown setting sip.prot (did you mean sip.port?)\n"
