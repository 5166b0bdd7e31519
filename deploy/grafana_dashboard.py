"""deploy/grafana/voicegw.json, the dashboard as code.

python deploy/grafana_dashboard.py          prints it
python deploy/grafana_dashboard.py --write  writes it
"""

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "grafana" / "voicegw.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT, COLUMNS = 8, 8, 3
ENDED = 'voicegw_calls_ended_total{dialplan=~"$dialplan"}'
COMPLETED = 'voicegw_calls_ended_total{outcome="completed", dialplan=~"$dialplan"}'
TURNS = 'voicegw_turns_total{dialplan=~"$dialplan"}'
Queries = dict[str, str]
"""Legend to PromQL."""
PANELS: list[tuple[str, str, Queries]] = [
    ("Calls in progress", "short", {"{{state}}": "sum by (state) (voicegw_calls)"}),
    ("Free call slots", "short", {"{{instance}}": "voicegw_free_slots"}),
    ("Calls by outcome", "cps", {"{{outcome}}": f"sum by (outcome) (rate({ENDED}[5m]))"}),
    (
        "Completed",
        "percentunit",
        {
            "{{dialplan}} v{{version}}": f"sum by (dialplan, version) (rate({COMPLETED}[1h])) "
            f"/ sum by (dialplan, version) (rate({ENDED}[1h]))"
        },
    ),
    (
        "Reply, last voice to first packet",
        "s",
        {
            f"p{round(100 * share)}": f"histogram_quantile({share}, sum by (le) "
            '(rate(voicegw_turn_latency_seconds_bucket{dialplan=~"$dialplan"}[5m])))'
            for share in (0.5, 0.95, 0.99)
        },
    ),
    (
        "Where that time goes (mean)",
        "s",
        {
            "{{stage}}": "sum by (stage) (rate(voicegw_turn_stage_seconds_sum[5m])) "
            "/ sum by (stage) (rate(voicegw_turn_stage_seconds_count[5m]))"
        },
    ),
    (
        "Turns not understood, replies cut short, prepared ahead",
        "percentunit",
        {
            legend: f'sum(rate(voicegw_{name}_total{{dialplan=~"$dialplan"}}[15m])) / sum(rate({TURNS}[15m]))'
            for legend, name in (
                ("not understood", "turns_no_match"),
                ("cut short", "barge_ins"),
                ("prepared ahead", "turns_speculated"),
            )
        },
    ),
    (
        "Answer to a call",
        "s",
        {"p95": "histogram_quantile(0.95, sum by (le) (rate(voicegw_call_setup_seconds_bucket[5m])))"},
    ),
    (
        "Tools that fail",
        "percentunit",
        {
            "{{tool}}": 'sum by (tool) (rate(voicegw_tool_results_total{status=~"failed|too_slow"}[15m])) '
            "/ sum by (tool) (rate(voicegw_tool_results_total[15m]))"
        },
    ),
    (
        "Line: lost packets",
        "percentunit",
        {
            "lost": 'sum(rate(voicegw_line_packets_total{what="lost"}[15m])) '
            '/ sum(rate(voicegw_line_packets_total{what=~"lost|received"}[15m]))'
        },
    ),
    ("Workers", "short", {"{{state}}": "sum by (state) (voicegw_workers)"}),
    (
        "Facts that wait",
        "short",
        {"in the stream": "sum(voicegw_recorder_lag_entries)", "bytes on disk": "sum(voicegw_spool_bytes)"},
    ),
]


def dashboard() -> dict[str, Any]:
    """Grafana's model."""
    variable = {
        "name": "dialplan",
        "type": "query",
        "datasource": SOURCE,
        "query": "label_values(voicegw_calls_started_total, dialplan)",
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }
    return {
        "uid": "voicegw",
        "title": "voicegw",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [variable]},
        "panels": [panel(number, *each) for number, each in enumerate(PANELS)],
    }


def panel(number: int, title: str, unit: str, queries: Queries) -> dict[str, Any]:
    """A time series in its place on the grid."""
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expression, "legendFormat": legend, "datasource": SOURCE}
            for index, (legend, expression) in enumerate(queries.items())
        ],
    }


if __name__ == "__main__":
    text = json.dumps(dashboard(), indent=1) + "\n"
    if "--write" in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    else:
        print(text)
