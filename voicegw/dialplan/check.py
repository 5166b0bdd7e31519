"""Checks beyond syntax: what a dialplan says must make sense as a whole.

Each rule is a function ``(plan, tools) -> findings``; ``check`` runs them all.
"""

from collections.abc import Callable, Mapping

from voicegw.dialplan import rules_steps, rules_tests, rules_words
from voicegw.dialplan.findings import Loc
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.tools import ToolFacts
from voicegw.errors import Problem


def check(
    plan: Dialplan,
    problem: Callable[[Loc, str, str, str], Problem],
    tools: Mapping[str, ToolFacts] | None = None,
) -> list[Problem]:
    """All that is wrong, in the order of the file.

    :param problem: gives a finding its place in the file.
    :param tools: what integrations offer; None: not known, and not checked.
    """
    rules = (*rules_steps.RULES, *rules_words.RULES, *rules_tests.RULES)
    findings = [finding for rule in rules for finding in rule(plan, tools)]
    problems = {problem(each.loc, each.message, each.hint, each.severity) for each in findings}
    return sorted(problems, key=lambda each: (each.line, each.column, each.message))
