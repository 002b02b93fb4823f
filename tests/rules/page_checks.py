"""docs/metrics.md against live scrapes of both daemons: names, types, labels, and promtool's own rules."""
import fnmatch
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from live_programs import exporter_scrape, remediator_scrape
from tools import ROOT, tool

PAGE = ROOT / "docs" / "metrics.md"
PAGE_TITLES = {"exporter": ["Collectors: fieldmedic-exporter", "The host: fieldmedic-exporter", "The exporter itself", "Both programs"],
               "remediator": ["fieldmedic-remediator", "Both programs"]}

# Rows that a scrape may lack, since it depends on the machine or on what happened: pattern and reason.
MAY_BE_ABSENT = {
    "node_cpu_isolated": "only with isolated processors",
    "node_cpu_*_throttles_total": "only where the processor tells",
    "fieldmedic_incidents_opened_total": "after the first incident",
    "fieldmedic_actions_total": "after the first action",
    "fieldmedic_notifications_total": "after the first message",
}


@dataclass
class Family:
    kind: str
    labels: set = field(default_factory=set)
    has_samples: bool = False


def families_of_page(title):
    """The rows under one `##` title: name or pattern to Family."""
    text = PAGE.read_text(encoding="utf-8")
    part = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    if not part:
        raise ValueError(f"docs/metrics.md has no section '## {title}'")
    rows = re.findall(r"^\| `([^`]+)` \| (\w+) \| ([^|]*) \| [^|]+ \| .+ \|$", part.group(1), flags=re.MULTILINE)
    return {name: Family(kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def families_of_scrape(text):
    families = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            family = families[name] = Family(kind)
        elif line and not line.startswith("#"):
            family.has_samples = True
            labels = re.match(r"[^ {]+(?:\{(.*)\})? ", line).group(1) or ""
            family.labels |= set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', labels)) - {"le", "quantile"}
    return families


def row_of(name, rows):
    """The row that lists a family: its own, or that of the longest pattern."""
    matching = [row for row in rows if fnmatch.fnmatchcase(name, row)]
    return max(matching, key=lambda row: (row == name, len(row)), default=None)


def compare(where, listed, exposed):
    faults, seen = [], set()
    for name, family in exposed.items():
        row = row_of(name, listed)
        seen.add(row)
        if row is None:
            faults.append(f"{where} exposes {name}, which docs/metrics.md does not list")
            continue
        if listed[row].kind != family.kind:
            faults.append(f"{where}: {name} is a {family.kind}, docs/metrics.md says {listed[row].kind}")
        if family.has_samples and listed[row].labels != family.labels:
            faults.append(f"{where}: {name} has the labels {sorted(family.labels)}, docs/metrics.md says "
                          f"{sorted(listed[row].labels)}")
    faults += [f"docs/metrics.md lists {row}, which {where} does not expose" for row in listed
               if row not in seen and not any(fnmatch.fnmatchcase(row, each) for each in MAY_BE_ABSENT)]
    return faults


def lints(where, text):
    """What promtool says about our own families; node_exporter's names are not ours to choose."""
    own = "\n".join(line for line in text.splitlines() if not re.match(r"(# \w+ )?node_", line)) + "\n"
    done = subprocess.run([tool("promtool"), "check", "metrics"], input=own, capture_output=True, text=True, timeout=60,
                          check=False)
    return [f"{where}: promtool: {line}" for line in (done.stdout + done.stderr).splitlines()]


def page_lists_what_is_exposed():
    faults = []
    with tempfile.TemporaryDirectory() as name:
        scrapes = {"exporter": exporter_scrape(Path(name)), "remediator": remediator_scrape(Path(name))}
    for where, text in scrapes.items():
        listed = {}
        for title in PAGE_TITLES[where]:
            listed |= families_of_page(title)
        faults += compare(where, listed, families_of_scrape(text)) + lints(where, text)
    return faults
