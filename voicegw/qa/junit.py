"""JUnit XML, as CI servers read it."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One test."""

    suite: str
    name: str
    took_s: float
    failures: tuple[str, ...] = ()
    output: str = ""


def to_xml(cases: Sequence[Case]) -> str:
    """A ``testsuites`` document."""
    root = ElementTree.Element("testsuites")
    for suite in dict.fromkeys(case.suite for case in cases):
        own = [case for case in cases if case.suite == suite]
        node = ElementTree.SubElement(
            root,
            "testsuite",
            name=suite,
            tests=str(len(own)),
            failures=str(sum(bool(case.failures) for case in own)),
            time=f"{sum(case.took_s for case in own):.3f}",
        )
        for case in own:
            _add(node, case)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _add(suite: ElementTree.Element, case: Case) -> None:
    node = ElementTree.SubElement(suite, "testcase", classname=case.suite, name=case.name, time=f"{case.took_s:.3f}")
    for message in case.failures:
        ElementTree.SubElement(node, "failure", message=message).text = case.output
