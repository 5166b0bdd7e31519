"""The page that a person looks at every day: what failed first, then all else, each with its sound and its times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

from voicegw.qa.figures import percentile
from voicegw.qa.report import sound, waterfall
from voicegw.qa.report.compare import Change, change, median_ms
from voicegw.qa.report.markup import Markup, tag
from voicegw.qa.scenarios.evidence import Changes, Evidence, Reply, SippResult, ToolCall
from voicegw.qa.scenarios.results import Result, RunResults, Said

FILES = resources.files("voicegw.qa.report")


@dataclass(frozen=True)
class Shown:
    """A run on the page, and where its sounds lie."""

    run: RunResults
    folder: Path


def page(shown: Sequence[Shown], before: Mapping[str, Result]) -> str:
    """One self-contained HTML page.

    :param shown: the latest run of each runner.
    :param before: the earlier result of each scenario, by key.
    """
    cards = [
        _Card(result, change(result, before), one.folder) for one in shown for result in one.run.results
    ]  # fmt: skip
    cards.sort(key=lambda card: (card.result.ok, card.change.kind not in ("newly failing", "slower"), card.result.key))
    body = tag(
        "body",
        _header(shown, cards),
        _filters(cards),
        tag("main", [card.drawn() for card in cards], id="results"),
        tag("p", "Nothing here matches.", id="nothing", hidden=True),
        tag("script", Markup(_read("page.js"))),
    )
    return document(f"{_verdict(cards)} · voicegw QA", body)


def document(title: str, body: Markup) -> str:
    """A page with our style, which fetches nothing."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(_read("page.css"))),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _read(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


# --- the top ------------------------------------------------------------------------------------------------


def _verdict(cards: Sequence["_Card"]) -> str:
    failed = sum(not card.result.ok for card in cards)
    return f"{failed} of {len(cards)} failed" if failed else f"all {len(cards)} passed"


def _header(shown: Sequence[Shown], cards: Sequence["_Card"]) -> Markup:
    failed = sum(not card.result.ok for card in cards)
    return tag(
        "header",
        tag(
            "div", tag("h1", _verdict(cards)), tag("p", "voicegw QA"), class_="verdict " + ("bad" if failed else "good")
        ),
        tag("div", [_run(one) for one in shown], class_="runs"),
        _news(cards),
    )


def _run(one: Shown) -> Markup:
    run = one.run
    runner = run.results[0].runner if run.results else ""
    failed = sum(not result.ok for result in run.results)
    latencies = [ms for result in run.results for ms in result.evidence.latencies_ms]
    facts = [f"{len(run.results)} scenarios", f"{failed} failed" if failed else "none failed", f"{run.took_s:.0f} s"]
    if latencies:
        facts.append(f"answers p50 {percentile(latencies, 50):.0f} ms, p95 {percentile(latencies, 95):.0f} ms")
    when = datetime.fromtimestamp(run.at)
    return tag(
        "div",
        tag("h2", runner),
        tag("p", ", ".join(facts)),
        tag("p", f"{when:%A %d %B, %H:%M} · {run.commit or 'no commit'}", class_="dim"),
        tag("p", run.machine, class_="dim"),
        class_="run",
    )


def _news(cards: Sequence["_Card"]) -> Markup:
    kinds = ("newly failing", "fixed", "slower", "faster", "new")
    found = [(kind, [card for card in cards if card.change.kind == kind]) for kind in kinds]
    items = [
        tag("li", _badge(kind), " ", [[tag("a", card.result.title, href=f"#{card.id}"), " "] for card in some[:8]],
            f"and {len(some) - 8} more" if len(some) > 8 else "")
        for kind, some in found if some
    ]  # fmt: skip
    text = tag("ul", items) if items else tag("p", "Nothing has changed since the last run.", class_="dim")
    return tag("section", tag("h2", "Since the last run"), text, class_="news")


def _filters(cards: Sequence["_Card"]) -> Markup:
    tags = sorted({name for card in cards for name in card.result.tags})
    runners = sorted({card.result.runner for card in cards})
    return tag(
        "nav",
        tag("input", type="search", id="search", placeholder="Search names, words, problems", aria_label="Search"),
        [tag("button", name, type="button", data_show=name, class_="chip") for name in ("failed", "changed", *runners)],
        [tag("button", name, type="button", data_tag=name, class_="chip tag") for name in tags],
        aria_label="Filter",
    )


def _badge(kind: str) -> Markup:
    return tag("span", kind, class_="badge " + kind.replace(" ", "-")) if kind else Markup("")


# --- one scenario -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Card:
    result: Result
    change: Change
    folder: Path

    @property
    def id(self) -> str:
        """Of its place on the page."""
        return self.result.key.replace("/", "-")

    def drawn(self) -> Markup:
        """All of it."""
        result = self.result
        words = [result.name, result.title, *(reply.said for reply in result.evidence.replies)]
        words += [line.text for line in result.lines] + [problem.message for problem in result.problems]
        return tag(
            "details",
            self._summary(),
            tag("div", list(self._inside()), class_="inside"),
            id=self.id,
            class_="card " + ("pass" if result.ok else "fail"),
            open=not result.ok,
            data_words=" ".join(words).casefold(),
            data_tags=" ".join(result.tags),
            data_kinds=" ".join([result.runner, *["failed"] * (not result.ok), *["changed"] * bool(self.change.kind)]),
        )

    def _summary(self) -> Markup:
        result = self.result
        pace = median_ms(result)
        was = self.change.before_ms
        numbers = [f"{pace:.0f} ms" if pace else "", f"was {was:.0f}" if pace and was and abs(was - pace) >= 1 else ""]
        return tag(
            "summary",
            tag("span", "passed" if result.ok else "failed", class_="mark"),
            tag("span", tag("strong", result.title), " ", tag("span", result.name, class_="dim name"), class_="what"),
            tag("span", _badge(self.change.kind), [tag("span", name, class_="badge") for name in (result.runner,)]),
            tag("span", numbers[0], tag("small", numbers[1]), class_="number", title="Median of the answers"),
            tag("span", f"{result.took_s:.1f} s", class_="number dim"),
        )

    def _inside(self) -> Iterator[Markup]:
        result, evidence = self.result, self.result.evidence
        if result.about:
            yield tag("p", result.about, class_="about")
        if result.problems:
            yield tag("ul", [_problem(problem.message, problem.hint, f"{problem.file}:{problem.line}:{problem.column}")
                             for problem in result.problems], class_="problems")  # fmt: skip
        if result.sound:
            yield from _player(self.folder / result.sound)
        if result.lines:
            yield _transcript(result)
        if drawn := waterfall.drawn(evidence.replies):
            yield tag("section", tag("h3", "Where the time of each answer went"), drawn, waterfall.legend())
        if evidence.sipp:
            yield _ladder(evidence.sipp)
        yield from _facts(evidence)


def _problem(message: str, hint: str, place: str) -> Markup:
    return tag("li", message, f" ({hint})" if hint else "", tag("code", place))


def _player(file: Path) -> Iterator[Markup]:
    found = sound.of_file(file)
    if found:
        yield tag(
            "figure",
            found.drawing,
            tag("audio", controls=True, preload="none", src=found.url),
            tag("figcaption", "caller above, agent below", class_="dim"),
            class_="sound",
        )


def _transcript(result: Result) -> Markup:
    evidence = result.evidence
    by_ear = any(reply.heard for reply in evidence.replies)
    columns = ["", "the caller", *(["as understood"] if by_ear else []), "the agent"]
    columns += ["as heard", "after"] if by_ear else []
    head = tag("tr", [tag("th", name) for name in columns])
    rows = [_greeting(evidence.greeting, columns)] if evidence.greeting else []
    for number, line in enumerate(result.lines):
        reply = evidence.replies[number] if number < len(evidence.replies) else None
        rows.append(_turn(number + 1, line, reply, by_ear))
    return tag("table", tag("thead", head), tag("tbody", rows), class_="talk")


def _greeting(words: str, columns: Sequence[str]) -> Markup:
    cells = {"": "", "the agent": words}
    return tag("tr", [tag("td", cells.get(name, ""), data_name=name) for name in columns])


def _turn(number: int, line: Said, reply: Reply | None, by_ear: bool) -> Markup:
    said = [line.text, tag("em", f" {line.label}") if line.label else ""]
    if reply is None:
        return tag("tr", tag("td", number), tag("td", said, data_name="the caller"),
                   tag("td", "the call was over", colspan=4, class_="dim"), class_="missed")  # fmt: skip
    cells = [tag("td", number, data_at=reply.began_s), tag("td", said, data_name="the caller")]
    cells += [tag("td", reply.understood, data_name="as understood")] if by_ear else []
    cells.append(tag("td", reply.said, [_call(call) for call in reply.calls], data_name="the agent"))
    if by_ear:
        after = "" if reply.latency_ms is None else f"{reply.latency_ms:.0f} ms"
        cells += [tag("td", reply.heard, data_name="as heard"), tag("td", after, data_name="after", class_="number")]
    return tag("tr", cells)


def _call(call: ToolCall) -> Markup:
    arguments = ", ".join(f"{name} {value}" for name, value in call.arguments.items())
    return tag("div", tag("code", call.tool), f" {arguments} → {call.status}, {call.took_ms:.0f} ms",
               class_="call writes" if call.writes else "call")  # fmt: skip


def _ladder(seen: SippResult) -> Markup:
    rows = [
        tag("tr", tag("td", f"{at:.3f}", class_="number"), tag("td", "SIPp"),
            tag("td", "→" if way == "sent" else "←", class_=f"arrow {way}"), tag("td", tag("code", first)))
        for at, way, first in seen.ladder
    ]  # fmt: skip
    counts = f"{seen.succeeded} calls as they should be, {seen.failed} not"
    complaint = tag("p", seen.complaint, class_="complaint") if seen.complaint else ""
    return tag("section", tag("h3", "On the wire"), tag("p", counts, class_="dim"), complaint,
               tag("table", rows, class_="ladder"))  # fmt: skip


def _facts(evidence: Evidence) -> Iterator[Markup]:
    if evidence.backend:
        yield tag("section", tag("h3", "Changed in the backend"), [_table(*one) for one in evidence.backend.items()])
    facts = dict(_call_facts(evidence))
    if facts:
        pairs = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts.items()]
        yield tag("dl", pairs, class_="facts")


def _table(name: str, changes: Changes) -> Markup:
    rows = []
    for sign, found in (("+", changes.added), ("−", changes.removed), ("~", changes.changed)):
        rows += [tag("li", f"{sign} ", ", ".join(f"{key} {value}" for key, value in row.items())) for row in found]
    return tag("div", tag("code", name), tag("ul", rows, class_="rows"))


def _call_facts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    sip = evidence.sip
    if sip:
        yield "SIP", f"{sip.status}, ended by {sip.ended_by or 'nobody'}"
        yield "codec", sip.codec or "none"
        if sip.setup_ms is not None:
            yield "answered after", f"{sip.setup_ms:.0f} ms"
        if sip.greeting_ms is not None:
            yield "greeting after", f"{sip.greeting_ms:.0f} ms"
        if sip.lost_percent is not None:
            yield "packets lost", f"{sip.lost_percent:g} %"
    if evidence.outcome:
        yield "outcome", str(evidence.outcome["disposition"] or "none")
        if evidence.outcome["task"]:
            yield "task", str(evidence.outcome["task"])
        for name, value in evidence.outcome["slots"].items():
            yield name, str(value)
    elif evidence.dispositions:
        yield "outcomes", ", ".join(f"{count} {name or 'still up'}" for name, count in evidence.dispositions.items())
    elif evidence.disposition:
        yield "outcome", evidence.disposition
