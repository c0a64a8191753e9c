"""A check as JUnit's XML, which CI systems show beside the tests."""

import re
from typing import IO
from xml.etree import ElementTree as ET  # what is written here is ours

from chatops.errors import Exit
from chatops.model.finding import Check, Finding, Status
from chatops.model.rules import group_of
from chatops.rendering.held import Held
from chatops.rendering.visible import visible

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnit(Held):
    """One suite a layer, one case a finding."""

    def __init__(self, out: IO[str], talk: IO[str], layer: str) -> None:
        super().__init__(out, talk)
        self._layer = layer

    def document(self, code: Exit) -> str:
        """Return the suites; an error is a case of its own."""
        suites = ET.Element("testsuites", name="chatops check")
        for check in self.checks:
            suite = _suite(suites, check.layer, check.seconds)
            for finding in check.findings:
                _case(suite, check, finding)
            _count(suite)
        if self.errors or not self.checks:
            suite = _suite(suites, self._layer, 0)
            case = _named(suite, self._layer, "check", "the check itself")
            for message in self.errors or [f"ended with {code.value}"]:
                _told(case, "error", message, None)
            _count(suite)
        ET.indent(suites)
        return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, "unicode")}\n'


def _suite(suites: ET.Element, layer: str, seconds: float) -> ET.Element:
    name = _clean(f"chatops check {layer}")
    return ET.SubElement(suites, "testsuite", name=name, time=f"{seconds:.3f}")


def _case(suite: ET.Element, check: Check, finding: Finding) -> None:
    case = _named(suite, check.layer, group_of(finding.id), f"{finding.id} {finding.name}")
    match finding.status:
        case Status.FAIL:
            _told(case, "failure", finding.detail, finding.fix)
        case Status.WARN if check.strict:
            _told(case, "failure", finding.detail, finding.fix)
        case Status.UNKNOWN:
            _told(case, "error", finding.detail, finding.fix)
        case Status.NONE:
            _told(case, "skipped", finding.detail, None)
        case Status.OK | Status.WARN:
            said = f"{finding.status}: {finding.detail}"
            more = f"\n{finding.fix}" if finding.fix else ""
            ET.SubElement(case, "system-out").text = _clean(said + more)


def _named(suite: ET.Element, layer: str, group: str, name: str) -> ET.Element:
    classname = _clean(f"chatops.{layer}.{group}")
    return ET.SubElement(suite, "testcase", classname=classname, name=_clean(name), time="0")


def _told(case: ET.Element, tag: str, message: str, fix: str | None) -> None:
    element = ET.SubElement(case, tag, message=_clean(message))
    if fix:
        element.text = _clean(fix)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))


def _clean(text: str) -> str:
    """Leave out what XML cannot hold, and show what would drive a terminal."""
    return _NO_XML.sub("", "\n".join(visible(each) for each in text.split("\n")))
