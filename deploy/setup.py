"""Make this machine ready: virtual environment, packages, programs and models, each only if it is missing.

Run by the system's Python before anything is installed, so it uses the standard library alone:

    python3 deploy/setup.py --for demo

One line per step with its time; everything the steps print goes to .setup/log. A step that was done is skipped by
its stamp, which lies in the virtual environment and holds a hash of what the step depends on.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "setup"
LOG = ROOT / ".setup" / "log"
USES = ("demo", "serve", "test", "all", "lint")
PYTHONS = ("3.11", "3.12")
"""pjsua2's wheel exists for no later one."""
ELSEWHERE = "/usr/bin"
"""Where Debian's is, even if another comes first on the path."""
WORTH_A_CHANGE = 0.85
"""Another Python than the one that runs this script must take less than so much of its time."""
WORK = """
import ensurepip, time

class Counter:
    def __init__(self):
        self.seen = []

    def take(self, number, text):
        self.seen = [*self.seen, (number, text)][-5:]
        return sum(number for number, _ in self.seen)

begin, counter = time.process_time(), Counter()
for number in range(60_000):
    counter.take(number, "text")
print(time.process_time() - begin)
"""

#: Debian package by the program (or glob of it) that shows that it is there.
PROGRAMS = {"espeak-ng": "espeak-ng"}
#: Its voices teach the ear digits.
SERVICE_PROGRAMS = {**PROGRAMS, "flite": "flite"}

TEST_PROGRAMS = {
    **SERVICE_PROGRAMS,
    "sipp": "sip-tester",
    "kamailio": "kamailio",
    "redis-server": "redis-server",
    "/usr/lib/postgresql/*/bin/initdb": "postgresql",
    "g++": "build-essential",
    "promtool": "prometheus",
    "chromium": "chromium",
}

_TAIL_LINES = 15
_MINUTE_S = 60


class StepFailed(Exception):
    """A step did not work; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Step:
    """Something to have on this machine."""

    name: str
    title: str
    run: Callable[["Log"], None]
    depends_on: str = ""
    """The step is done again when this changes."""
    is_there: Callable[[], bool] = lambda: True
    """Besides its stamp: a look whether what it made is still there."""
    advice: str = "the log says more; run the same command again to go on"

    @property
    def stamp(self) -> Path:
        return STAMPS / f"{self.name}-{hashlib.sha256(self.depends_on.encode()).hexdigest()[:16]}"

    def is_done(self) -> bool:
        return self.stamp.exists() and self.is_there()


class Log:
    """Where the output of all steps goes; on a terminal, its last line is shown while a step runs."""

    def __init__(self) -> None:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        self._file = LOG.open("w", encoding="utf-8", errors="replace")
        self._title = ""
        self._begin = 0.0

    def begin(self, title: str) -> None:
        self._title, self._begin = title, time.monotonic()
        print(f"\n### {title}", file=self._file, flush=True)
        print(f"{title:52}", end="", flush=True)

    def end(self, outcome: str) -> None:
        again = f"\r\033[K{self._title:52}" if sys.stdout.isatty() else ""
        print(f"{again} {outcome:>6} {time.monotonic() - self._begin:6.1f} s", flush=True)

    def run(self, command: list[str], *, minutes: float) -> None:
        """Run a program to its end.

        :raises StepFailed: it failed, was not found, or took too long.
        """
        print("$", *command, file=self._file, flush=True)
        deadline = time.monotonic() + minutes * _MINUTE_S
        process = self._start(command)
        try:
            while (code := self._wait(process)) is None:
                self._show()
                if time.monotonic() > deadline:
                    raise StepFailed(f"{command[0]} took over {minutes:.0f} minutes")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code:
            raise StepFailed(f"{Path(command[0]).name} ended with exit code {code}")

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._file,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
            )
        except OSError as error:
            raise StepFailed(f"{command[0]}: {error.strerror}") from None

    @staticmethod
    def _wait(process: "subprocess.Popen[bytes]") -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=0.5)
        return None

    def _show(self) -> None:
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            head = f"{self._title}  {time.monotonic() - self._begin:.0f} s  "
            print(f"\r\033[K{(head + (self.tail(1) or [''])[-1].strip())[:width]}", end="", flush=True)

    def tail(self, lines: int) -> list[str]:
        """The last lines that say something."""
        with LOG.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            text = file.read().decode(errors="replace").replace("\r", "\n")
        return [line for line in text.splitlines() if line.strip()][-lines:]


def interpreter() -> str:
    """A Python for the virtual environment: the fastest of those here. Half of what a call costs is Python's, and one
    built without its compiler's profile, as pyenv does, takes half as long again as Debian's.

    :raises StepFailed: none of the versions we need.
    """
    found = pythons()
    if not found:
        raise StepFailed(f"needs Python {' or '.join(PYTHONS)}; this is {sys.version.split()[0]}: install one of them")
    if len(found) == 1:
        return found[0]
    took_s = {python: min(seconds_of_work(python) for _ in range(3)) for python in found}
    return min(found, key=lambda python: took_s[python] * (WORTH_A_CHANGE if python == found[0] else 1))


def pythons() -> list[str]:
    """Each once, with the one that runs this script first."""
    this = sys.executable if "{}.{}".format(*sys.version_info[:2]) in PYTHONS else None
    folders = (None, ELSEWHERE)
    others = [shutil.which(f"python{version}", path=folder) for version in PYTHONS for folder in folders]
    found: dict[str, str] = {}
    for python in (this, *others):
        if python:
            found.setdefault(os.path.realpath(python), python)
    return list(found.values())


def seconds_of_work(python: str) -> float:
    """How long it takes for 60,000 calls of a method; infinite if it fails, or cannot begin a virtual environment."""
    done = subprocess.run([python, "-c", WORK], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else float("inf")


def make_venv(log: Log) -> None:
    python = interpreter()
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode:
        # Debian keeps what a virtual environment starts with in a package of its own.
        install_debian_packages(log, ["python3-venv"])
    log.run([python, "-m", "venv", "--clear", str(VENV)], minutes=3)


def install_python_packages(extra: str) -> Callable[[Log], None]:
    target = f".[{extra}]" if extra else "."

    def run(log: Log) -> None:
        command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-e", target]
        log.run(command, minutes=30)

    return run


def missing_programs(programs: dict[str, str]) -> list[str]:
    """Debian packages of the programs that are not here."""
    return [package for program, package in programs.items() if not (shutil.which(program) or glob.glob(program))]


def install_debian_packages(log: Log, packages: list[str]) -> None:
    """By apt-get, as root or by sudo.

    :raises StepFailed: no apt-get, or no right to use it.
    """
    by_hand = f"install by hand: {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise StepFailed(f"no apt-get here; {by_hand}")
    root = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or subprocess.run(["sudo", "-v"], check=False).returncode:
            raise StepFailed(f"not root, and sudo does not help; as root: apt-get install {' '.join(packages)}")
        root = ["sudo"]
    # RUNLEVEL=1 keeps the servers among them from being started: the tests start their own.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"]
    log.run([*root, *quiet, "update"], minutes=10)
    log.run([*root, *quiet, "install", "--no-install-recommends", *packages], minutes=15)


def pull_models(use: str) -> Callable[[Log], None]:
    def run(log: Log) -> None:
        log.run([str(PYTHON), "-m", "voicegw", "models", "pull", "--for", use], minutes=30)
        listing = subprocess.run(
            [str(PYTHON), "-m", "voicegw", "models", "list", "--json"], capture_output=True, check=True, cwd=ROOT
        )
        folders = [row["folder"] for row in json.loads(listing.stdout) if use in row["uses"]]
        models_note(use).write_text("\n".join(folders), encoding="utf-8")

    return run


def models_note(use: str) -> Path:
    """Holds the folders of the models that were pulled."""
    return STAMPS / f"models-{use}.txt"


def models_are_there(use: str) -> bool:
    note = models_note(use)
    return note.exists() and all(Path(line, "manifest.json").exists() for line in note.read_text().splitlines())


def learn_digits(log: Log) -> None:
    log.run([str(PYTHON), "-m", "voicegw", "models", "prepare"], minutes=20)


def digits_are_learnt(use: str) -> bool:
    """What was learnt lies beside the model that hears."""
    note = models_note(use)
    return note.exists() and any(glob.glob(f"{line}/digits-*.npz") for line in note.read_text().splitlines())


def steps(use: str) -> list[Step]:
    """What a use needs, in order."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    base = json.dumps([project["dependencies"], project["scripts"], project["requires-python"], str(ROOT)])

    def packages(extra: str, title: str, advice: str = "") -> Step:
        depends_on = base + json.dumps([extras.get(each, []) for each in extra.split(",")])
        name = f"packages-{extra or 'base'}"
        return Step(name, title, install_python_packages(extra), depends_on, advice=advice or Step.advice)

    found = [
        Step("venv", "virtual environment", make_venv, str(ROOT), PYTHON.exists),
        packages("", "packages"),
    ]
    if use in ("serve", "test", "all"):
        found.append(packages("llm", "language model server (xllamacpp)"))
    if use in ("test", "all"):
        found.append(packages("stripe,caldav,mcp,otel", "packages of integrations, and for traces"))
        found.append(packages("ko", "sentence vectors of Korean"))
    if use in ("test", "all", "lint"):
        found.append(packages("test", "test tools"))
    if use == "lint":
        return found
    found.append(programs_step(programs(use)))
    if use in ("test", "all"):
        found += [
            packages("llama", "llama-cpp-python (compiles, 5 to 9 minutes)",
                     "it needs a C++ compiler; the service works without it, with xllamacpp"),
            packages("coqui", "Coqui TTS with torch (1.8 GB)",
                     "it needs 4 GB of disk; the service works without it, with hibari"),
        ]  # fmt: skip
    models = "test" if use == "all" else use
    found.append(models_step(models))
    if use != "demo":  # it hears its one number well enough without
        found.append(digits_step(models))
    return found


def programs(use: str) -> dict[str, str]:
    if use in ("test", "all"):
        return TEST_PROGRAMS
    return PROGRAMS if use == "demo" else SERVICE_PROGRAMS


def programs_step(programs: dict[str, str]) -> Step:
    return Step(
        "programs",
        f"programs ({', '.join(programs.values())})",
        lambda log: install_if_missing(log, programs),
        json.dumps(programs),
        lambda: not missing_programs(programs),
    )


def install_if_missing(log: Log, programs: dict[str, str]) -> None:
    if packages := missing_programs(programs):
        install_debian_packages(log, packages)


def models_step(use: str) -> Step:
    # What decides where models lie and which: the catalogue and these variables (voicegw/config.py).
    place = [os.environ.get(name, "") for name in ("HOME", "XDG_CACHE_HOME", "VOICEGW_CACHE_DIR")]
    catalogue = (ROOT / "voicegw" / "models" / "catalogue.py").read_text(encoding="utf-8")
    return Step(
        f"models-{use}",
        "models",
        pull_models(use),
        json.dumps([place, catalogue]),
        lambda: models_are_there(use),
        "without a network: copy the models' folder from a machine that has it",
    )


def digits_step(use: str) -> Step:
    how = (ROOT / "voicegw" / "engines" / "providers" / "digit_network.py").read_text(encoding="utf-8")
    return Step(
        "digits",
        "digits, learnt from this machine's voices",
        learn_digits,
        how,
        lambda: digits_are_learnt(use),
        "the service works without it, and hears numbers less well",
    )


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two setups of one clone would trip over each other."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another setup is running here; waiting", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(use: str) -> None:
    """Do what is missing.

    :raises StepFailed: a step did not work.
    """
    wanted = steps(use)
    with one_at_a_time():
        if all(step.is_done() for step in wanted):
            return
        log = Log()
        for number, step in enumerate(wanted, 1):
            if step.is_done():
                continue
            log.begin(f"[{number}/{len(wanted)}] {step.title}")
            try:
                step.run(log)
            except StepFailed as failure:
                log.end("FAILED")
                said = "\n".join(f"  | {line}" for line in log.tail(_TAIL_LINES))
                raise StepFailed(f"{step.title}: {failure}\n{said}\nWhat to do: {step.advice} ({LOG})") from None
            STAMPS.mkdir(exist_ok=True)
            step.stamp.touch()
            log.end("done")


def main() -> int:
    parser = argparse.ArgumentParser(description="Make this machine ready.", epilog="example: setup.py --for demo")
    parser.add_argument("--for", dest="use", choices=USES, required=True, help="what the machine shall do")
    try:
        set_up(parser.parse_args().use)
    except StepFailed as failure:
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: stopped; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
