"""deploy/prometheus/voicegw.rules.yml, made from the rules that the service itself looks by.

python deploy/prometheus_rules.py          prints it
python deploy/prometheus_rules.py --write  writes it
"""

import io
import sys
from pathlib import Path

from ruamel.yaml import YAML

from voicegw.config import AlertSettings
from voicegw.observe.rules import prometheus_rules

FILE = Path(__file__).resolve().parent / "prometheus" / "voicegw.rules.yml"
HEAD = "# Made by deploy/prometheus_rules.py from the default settings of [alerts].\n"


def text() -> str:
    """YAML."""
    rules = [
        {
            "alert": rule.name,
            "expr": rule.expression,
            "for": rule.lasts,
            "labels": {"severity": "page"},
            "annotations": {"summary": rule.summary, "description": rule.to_do},
        }
        for rule in prometheus_rules(AlertSettings())
    ]
    yaml, page = YAML(), io.StringIO()
    yaml.width = 4000
    yaml.dump({"groups": [{"name": "voicegw", "rules": rules}]}, page)
    return HEAD + page.getvalue()


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        FILE.write_text(text(), encoding="utf-8")
    else:
        print(text())
