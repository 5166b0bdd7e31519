"""deploy/setup.py: what is done, what is skipped, and what is said when a step fails."""

import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, working in a folder of its own."""
    spec = importlib.util.spec_from_file_location("voicegw_setup", ROOT / "deploy" / "setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "voicegw_setup", module)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    venv.mkdir()
    for name, value in {"VENV": venv, "STAMPS": venv / "setup", "LOG": tmp_path / ".setup" / "log"}.items():
        monkeypatch.setattr(module, name, value)
    return module


def _names(setup: ModuleType, use: str) -> list[str]:
    return [step.name for step in setup.steps(use)]


def test_a_demo_waits_for_nothing_that_compiles_or_weighs_gigabytes(setup: ModuleType) -> None:
    assert _names(setup, "demo") == ["venv", "packages-base", "programs", "models-demo"]


def test_tests_get_every_extra_of_the_project(setup: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    steps = [name.removeprefix("packages-") for name in _names(setup, "test") if name.startswith("packages-")]
    assert {extra for step in steps for extra in step.split(",")} == {"base", *project["optional-dependencies"]}
    assert _names(setup, "all") == _names(setup, "test")


def test_lint_needs_no_models(setup: ModuleType) -> None:
    assert _names(setup, "lint") == ["venv", "packages-base", "packages-test"]


def test_what_was_done_is_skipped_until_it_changes(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    state = {"depends_on": "a", "there": True}

    def steps(_: str) -> list[object]:
        return [
            setup.Step("one", "one", lambda _: done.append("one"), str(state["depends_on"]), lambda: state["there"])
        ]

    monkeypatch.setattr(setup, "steps", steps)
    setup.set_up("demo")
    setup.set_up("demo")
    assert done == ["one"]
    state["depends_on"] = "b"
    setup.set_up("demo")
    state["there"] = False
    setup.set_up("demo")
    assert done == ["one"] * 3


def test_a_failing_step_shows_its_last_lines_and_what_to_do(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(log: object) -> None:
        log.run([sys.executable, "-c", "print('the disk is full'); raise SystemExit(3)"], minutes=1)

    monkeypatch.setattr(setup, "steps", lambda _: [setup.Step("one", "one thing", run, advice="make room")])
    monkeypatch.setattr(sys, "argv", ["setup.py", "--for", "demo"])
    assert setup.main() == 1
    said = capfd.readouterr()
    assert "[1/1] one thing" in said.out
    assert "ended with exit code 3" in said.err
    assert "  | the disk is full" in said.err
    assert "What to do: make room" in said.err
    assert not setup.steps("demo")[0].is_done()


def test_a_step_that_takes_too_long_is_ended(setup: ModuleType) -> None:
    log = setup.Log()
    log.begin("slow")
    with pytest.raises(setup.StepFailed, match="took over 0 minutes"):
        log.run([sys.executable, "-c", "import time; time.sleep(60)"], minutes=0.001)


def test_a_program_that_does_not_exist_is_a_failed_step(setup: ModuleType) -> None:
    with pytest.raises(setup.StepFailed, match="no-such-program"):
        setup.Log().run(["no-such-program"], minutes=1)


def test_only_missing_programs_are_installed(setup: ModuleType) -> None:
    programs = {"python3": "python3", "no-such-program": "some-package", "/no/such/*/place": "other-package"}
    assert setup.missing_programs(programs) == ["some-package", "other-package"]


def test_without_apt_the_packages_are_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(setup.StepFailed, match="install by hand: sip-tester"):
        setup.install_debian_packages(setup.Log(), ["sip-tester"])


def test_models_count_as_there_only_with_their_manifests(setup: ModuleType, tmp_path: Path) -> None:
    assert not setup.models_are_there("demo")
    setup.STAMPS.mkdir()
    setup.models_note("demo").write_text(str(tmp_path / "minilm"))
    assert not setup.models_are_there("demo")
    (tmp_path / "minilm").mkdir()
    (tmp_path / "minilm" / "manifest.json").write_text(json.dumps({}))
    assert setup.models_are_there("demo")


def test_another_python_is_found_where_this_one_is_of_no_use(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "python3.12"
    other.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(setup, "ELSEWHERE", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert setup.interpreter() == str(other)
    other.unlink()
    with pytest.raises(setup.StepFailed, match=r"needs Python 3\.11 or 3\.12"):
        setup.interpreter()


@pytest.mark.parametrize(("other_took_s", "taken"), [(0.06, "other"), (0.095, "this"), (float("inf"), "this")])
def test_a_much_faster_python_is_taken(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other_took_s: float, taken: str
) -> None:
    other = tmp_path / "python3.12"
    other.touch(0o755)
    monkeypatch.setattr(setup, "ELSEWHERE", str(tmp_path))
    monkeypatch.setattr(setup, "seconds_of_work", lambda python: other_took_s if python == str(other) else 0.1)
    assert setup.interpreter() == (str(other) if taken == "other" else sys.executable)


def test_this_python_comes_first_and_once_also_where_it_lies_elsewhere(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_the_path, elsewhere = tmp_path / "bin", tmp_path / "elsewhere"
    for folder in (on_the_path, elsewhere):
        folder.mkdir()
    other = on_the_path / "python3.11"
    other.touch(0o755)
    (elsewhere / "python3.11").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(on_the_path))
    monkeypatch.setattr(setup, "ELSEWHERE", str(elsewhere))
    assert setup.pythons() == [sys.executable, str(other)]


def test_how_fast_a_python_is_can_be_told(setup: ModuleType) -> None:
    assert 0.001 < setup.seconds_of_work(sys.executable) < 5
    assert setup.seconds_of_work("/bin/false") == float("inf")


def test_make_alone_says_what_there_is() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    for target in ("demo", "test", "serve", "all", "bench", "lint", "clean", "help"):
        assert f"make {target}" in done.stdout
