"""A page of a load run: latency against the number of calls, and what it cost."""

from voicegw.qa.figures import Figure, Results
from voicegw.qa.load.figures import by_concurrency
from voicegw.qa.load.running import LoadResults, Sample
from voicegw.qa.report.markup import Markup, tag
from voicegw.qa.report.page import document

WIDTH, HEIGHT, LEFT, BOTTOM = 680, 260, 48, 28


def page(results: LoadResults, measured: Results) -> str:
    """One self-contained HTML page."""
    title = f"{results.load.calls} calls, {'all targets reached' if measured.meets else 'targets missed'}"
    body = tag(
        "body",
        _header(title, results, measured),
        tag("section", tag("h2", "Latency against the number of calls"), _latencies(results), _key()),
        tag("section", tag("h2", "Calls up, over time"), _calls(results.samples)),
        tag("section", tag("h2", "Figures"), _table(measured)),
        class_="load",
    )
    return document(title, body)


def _header(title: str, results: LoadResults, measured: Results) -> Markup:
    load = results.load
    mood = "good" if measured.meets else "bad"
    verdict = tag("div", tag("h1", title), tag("p", "voicegw load"), class_=f"verdict {mood}")
    run = tag(
        "div",
        tag("h2", f"{load.engines} engines"),
        tag("p", f"{load.calls} at once, {load.rate:g} new ones a second, {load.minutes:g} minutes"),
        tag("p", f"{measured.machine} · {measured.commit or 'no commit'}", class_="dim"),
        class_="run",
    )
    return tag("header", verdict, tag("div", run, class_="runs"))


def _latencies(results: LoadResults) -> Markup:
    answers = [answer for call in results.calls for answer in call.answers if answer.latency_ms is not None]
    most_calls = max((answer.concurrent for answer in answers), default=1)
    most_ms = max((answer.latency_ms or 0.0 for answer in answers), default=1.0)
    dots = [
        tag("circle", cx=_x(answer.concurrent, most_calls), cy=_y(answer.latency_ms or 0.0, most_ms), r=2, class_="dot")
        for answer in answers
    ]
    groups = by_concurrency(results.calls)
    lines = [
        tag("polyline", points=" ".join(f"{_x(min(group[0], most_calls), most_calls)},{_y(group[place], most_ms)}"
                                        for group in groups), class_=f"line {name}")
        for place, name in ((1, "p50"), (2, "p95"))
    ]  # fmt: skip
    return _chart([*dots, *lines], most_calls, most_ms, "calls up", "ms")


def _calls(samples: tuple[Sample, ...]) -> Markup:
    longest = max((sample.at_s for sample in samples), default=1.0)
    most = max((sample.up for sample in samples), default=1) or 1
    points = " ".join(f"{_x(sample.at_s, longest)},{_y(sample.up, most)}" for sample in samples)
    return _chart([tag("polyline", points=points, class_="line p50")], longest, most, "seconds", "calls")


def _chart(drawn: list[Markup], most_x: float, most_y: float, name_x: str, name_y: str) -> Markup:
    ticks = []
    for part in (0, 0.25, 0.5, 0.75, 1):
        y, x = _y(part * most_y, most_y), _x(part * most_x, most_x)
        ticks += [
            tag("line", x1=LEFT, x2=LEFT + WIDTH, y1=y, y2=y, class_="grid"),
            tag("text", f"{part * most_y:.0f}", x=LEFT - 6, y=y + 4, text_anchor="end"),
            tag("text", f"{part * most_x:.0f}", x=x, y=HEIGHT + 16, text_anchor="middle"),
        ]
    right = LEFT + WIDTH
    names = [tag("text", name_y, x=4, y=10), tag("text", name_x, x=right, y=HEIGHT + BOTTOM, text_anchor="end")]
    return tag(
        "svg", ticks, drawn, names, viewBox=f"0 0 {right + 10} {HEIGHT + BOTTOM + 4}", class_="waterfall chart",
        role="img", aria_label=f"{name_y} against {name_x}",
    )  # fmt: skip


def _key() -> Markup:
    return tag("p", tag("span", "p50", class_="key p50"), tag("span", "p95", class_="key p95"), class_="legend")


def _table(measured: Results) -> Markup:
    head = tag("tr", [tag("th", name) for name in ("figure", "value", "target", "", "n")])
    return tag("table", tag("thead", head), tag("tbody", [_row(figure) for figure in measured.figures]))


def _row(figure: Figure) -> Markup:
    value = "not measured" if figure.value is None else f"{figure.value:g} {figure.unit}"
    mark = "" if not figure.target else "ok" if figure.meets else "missed"
    return tag(
        "tr",
        tag("td", figure.name.removeprefix("load: ")),
        tag("td", value, class_="number"),
        tag("td", figure.target),
        tag("td", mark, class_=f"mark {mark}"),
        tag("td", figure.n, class_="number"),
    )


def _x(value: float, most: float) -> float:
    return round(LEFT + value / (most or 1) * WIDTH, 1)


def _y(value: float, most: float) -> float:
    return round(HEIGHT - value / (most or 1) * (HEIGHT - 14), 1)
