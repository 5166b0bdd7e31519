"""A package imports only from layers below its own (docs/architecture.md); integrations import two modules."""

import ast
import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = {
    1: ("gateway", "worker", "web", "qa", "commands", "cli", "__main__", "testing"),
    2: ("sip", "wire.link", "session.store", "session.outbox", "session.spool", "session.vault",
        "outcomes.store", "outcomes.database", "outcomes.migrate", "outcomes.queries", "outcomes.show",
        "outcomes.listing", "outcomes.exporting", "outcomes.words", "outcomes.labels", "outcomes.insights",
        "outcomes.filling", "outcomes.retention",
        "outcomes.tables", "outcomes.trends", "engines.providers", "engines.registry", "engines.voices",
        "engines.cache", "actions.workflows", "actions.registry", "actions.sql", "actions.performing",
        "actions.inbox", "actions.judging", "actions.rehearsal", "actions.runner", "actions.answering",
        "outcomes.ledger", "publishing.store", "publishing.drafts", "webrtc", "publishing.bundles",
        "publishing.comparing",
        "dialplan.files", "models", "recording", "observe", "session.live", "session.overheard", "session.client",
        "accounts.store", "accounts.audit", "accounts.tables", "accounts.secrets", "accounts.welcome"),
    3: ("engines", "session.record", "session.handoff", "session.moments", "session.orders", "observe.machine",
        "observe.rules", "outcomes.record", "outcomes.columns", "outcomes.history",
        "outcomes.rows", "outcomes.replies", "outcomes.events", "outcomes.personal", "outcomes.action",
        "actions.requests", "actions.secrets", "actions.instruction", "accounts.record"),
    4: ("call", "publishing"),
    5: ("dialplan", "nlu", "audio", "wire"),
    6: ("documents", "errors", "config", "loaded", "log"),
}  # fmt: skip
ONLY_IMPORTERS = {
    "pjsua2": ("voicegw.sip",),
    "redis": ("voicegw.session.store", "voicegw.session.client"),
    "prometheus_client": ("voicegw.observe.metrics",),
    "opentelemetry": ("voicegw.observe.otlp",),
    "cryptography": ("voicegw.session.vault", "voicegw.recording"),
    "sqlalchemy": ("voicegw.outcomes", "voicegw.publishing", "voicegw.actions.sql", "voicegw.accounts"),
    "argon2": ("voicegw.accounts.secrets",),
    "jinja2": ("voicegw.web.rendering", "voicegw.gateway.edge"),
    "dbos": ("voicegw.actions.workflows",),
    "aiortc": ("voicegw.webrtc",),
    "av": ("voicegw.webrtc",),
    "os.environ": ("voicegw.config",),
}
FOR_INTEGRATIONS = ("voicegw.actions.requests", "voicegw.actions.sql")
PURE = (
    "call",
    "nlu",
    "dialplan.model",
    "dialplan.parse",
    "dialplan.check",
    "documents",
    "audio",
    "wire.messages",
    "wire.call_messages",
    "wire.service_messages",
    "wire.hearing_messages",
    "wire.gathering",
    "wire.codec",
    "outcomes.replies",
    "publishing.beginning",
    "publishing.record",
    "publishing.routes",
    "accounts.record",
    "sip.options",
    "web.attempts",
)
IMPURE_MODULES = {"asyncio", "socket", "time", "threading", "subprocess", "os", "selectors"}


@functools.cache
def modules() -> list[tuple[str, Path]]:
    files = sorted((ROOT / "voicegw").rglob("*.py"))
    return [(".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), f) for f in files]


def layer(module: str) -> int:
    """Longest name that matches wins."""
    name = module.removeprefix("voicegw").lstrip(".")
    found = [(len(place), number) for number, places in LAYERS.items() for place in places
             if name == place or name.startswith(place + ".")]  # fmt: skip
    if name in ("", *{p.split(".")[0] for places in LAYERS.values() for p in places} - {""}) and not found:
        return 6  # a package's empty __init__
    assert found, f"{module} has no layer: add it to tests/test_layers.py"
    return max(found)[1]


@functools.cache
def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {name for name, _ in modules()}
            names |= {name for name in submodules if name in known} or {node.module}
    return names


@pytest.mark.parametrize(("module", "file"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_module_imports_only_from_its_own_layer_or_below(module: str, file: Path) -> None:
    own = layer(module)
    for name in imports(file):
        if not name.startswith("voicegw"):
            continue
        same_package = name.split(".")[:2] == module.split(".")[:2]
        assert layer(name) >= own or same_package, f"{module} (layer {own}) imports {name} (layer {layer(name)})"


@pytest.mark.parametrize(("module", "file"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_each_foreign_library_has_one_door(module: str, file: Path) -> None:
    for library, doors in ONLY_IMPORTERS.items():
        used = any(name == library or name.startswith(library + ".") for name in imports(file))
        used = used or (library == "os.environ" and "os.environ" in file.read_text(encoding="utf-8"))
        assert not used or module.startswith(doors), f"{module} uses {library}, which belongs to {doors}"


@pytest.mark.parametrize(("module", "file"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_pure_modules_touch_no_clock_socket_or_environment(module: str, file: Path) -> None:
    name = module.removeprefix("voicegw.")
    if not any(name == pure or name.startswith(pure + ".") for pure in PURE):
        return
    assert not imports(file) & IMPURE_MODULES


def test_integrations_import_what_is_made_for_them_only() -> None:
    for file in (ROOT / "integrations").rglob("*.py"):
        if "tests" in file.parts:
            continue
        ours = {name for name in imports(file) if name.startswith("voicegw")}
        assert all(name.startswith(FOR_INTEGRATIONS) for name in ours), f"{file}: {ours}"
