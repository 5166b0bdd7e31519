"""Whether a dialplan may be published: what its check, its numbers and its own tests say.

``python -m voicegw.qa.examining`` does it in a process of its own, for a console that has callers on the line: settings
and the file come as JSON on stdin, the verdict goes as JSON to stdout.
"""

import asyncio
import json
import os
import sys
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from pathlib import Path

from voicegw import config, log
from voicegw.actions.registry import Toolbox
from voicegw.config import Settings, environment_for_children
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.engines.known_vectors import KnownVectors
from voicegw.errors import Problem, SetupError
from voicegw.outcomes.migrate import migrate
from voicegw.publishing import bundles
from voicegw.publishing.record import FROM_FILE
from voicegw.publishing.store import VersionStore
from voicegw.qa.dialplan_test import DialplanTester, problems_of

BY_CHECK, BY_TESTS = 2, 1
"""Exit codes of a refusal."""
TIMEOUT_S = 180.0
NICENESS = 5


@dataclass(frozen=True)
class Examined:
    """What stands in the way of publishing a file."""

    problems: list[Problem]
    exit_code: int = 0
    vectors: bytes | None = None
    """Of the dialplan's sentences, computed for its tests."""
    tests: int = 0
    """How many conversations came out as they say."""
    plan: Dialplan | None = None


async def examine(file: Path, settings: Settings) -> Examined:
    """Here and now; takes seconds of processor time."""
    known = KnownVectors(registry.sentence_embedder(settings), registry.embedder_name(settings))
    with known.remembering():
        plan, problems = files.read(file, Toolbox.load(settings).facts(), known.embed)
    if plan is not None:
        problems += bundles.unpublishable(file, plan) + await _taken_numbers(file, plan, settings)
    if plan is None or any(problem.severity == "error" for problem in problems):
        return Examined(problems, BY_CHECK, plan=plan)
    with known.remembering():
        tester = DialplanTester(plan, known)
    vectors = known.to_bytes()
    outcomes = await tester.run()
    failed = [problem for outcome in outcomes for problem in problems_of(file, outcome)]
    if not outcomes:
        problems.append(Problem(str(file), 1, 1, "no tests of its own", "write some under `tests:`", "warning"))
    return Examined(problems + failed, BY_TESTS if failed else 0, vectors, len(outcomes), plan)


async def examine_apart(file: Path, settings: Settings) -> Examined:
    """The same in another process; its ``plan`` is None.

    :raises SetupError: it did not come to an end.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicegw.qa.examining"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment_for_children(),
    )
    asked = {"settings": settings.model_dump(mode="json"), "file": str(file)}
    try:
        out, _ = await asyncio.wait_for(process.communicate(json.dumps(asked).encode()), TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise SetupError(f"the dialplan's tests took over {TIMEOUT_S:.0f} s") from None
    if process.returncode != 0:
        raise SetupError("the dialplan could not be examined: the service's log says why")
    told = json.loads(out)
    problems = [Problem(**each) for each in told["problems"]]
    return Examined(problems, told["exit_code"], b64decode(told["vectors"]) or None, told["tests"])


async def _taken_numbers(file: Path, plan: Dialplan, settings: Settings) -> list[Problem]:
    """Numbers that another published dialplan has."""
    await migrate(settings.resolved_database_url)
    store = VersionStore(settings.resolved_database_url)
    try:
        others = [one for one in await store.in_force() if one.version != FROM_FILE and one.name != plan.name]
        owners = {number: one.name for one in others for number in await store.numbers(one.name, one.version)}
    finally:
        await store.close()
    return [
        Problem(str(file), 1, 1, f"number {number} is {owners[number]}'s, which is published", "give it to one of them")
        for number in plan.numbers
        if number in owners
    ]


def main() -> None:
    """Examine what stdin names."""
    os.nice(NICENESS)
    asked = json.load(sys.stdin)
    log.configure(level="warning")
    examined = asyncio.run(examine(Path(asked["file"]), config.from_values(asked["settings"])))
    told = {
        "problems": [asdict(problem) for problem in examined.problems],
        "exit_code": examined.exit_code,
        "vectors": b64encode(examined.vectors or b"").decode(),
        "tests": examined.tests,
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
