"""Checks of rules/ and deploy/prometheus.yml that need no server."""
import re
import shutil
import tempfile
from pathlib import Path

from tools import ROOT, SCRAPE_CONFIG, read_yaml, rule_files, rule_test_files, rules, run, tool

SEVERITIES = {"critical", "warning", "none"}
ANNOTATIONS = {"summary", "description", "runbook", "runbook_url"}
RUNBOOKS = ROOT / "docs" / "runbooks"
RUNBOOK_SECTIONS = ["What it means", "What Fieldmedic does", "What to look at", "By hand"]
DIMENSIONS = {"HostCpuHigh": "M1", "HostMemoryHigh": "M1", "CollectorSuccessLow": "M2",
              "HostTcpRetransmitHigh": "M3", "HostDiskLatencyHigh": "M4"}
COPIES = {"PeopleNotice"}  # carry the severity of their original
WITHOUT_VALUE = COPIES | {"Watchdog"}


def promtool_accepts_rules():
    status, output = run(tool("promtool"), "check", "rules", *rule_files())
    return [output] if status else []


def promtool_tests_pass():
    promtool = tool("promtool")
    files = rule_test_files()
    results = [run(promtool, "test", "rules", file) for file in files]
    return ["no test files found"] * (not files) + [output for status, output in results if status]


def promtool_accepts_scrape_config():
    """On a copy: promtool wants the password file to exist, and the tree holds none."""
    promtool = tool("promtool")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "rules", Path(folder, "rules"))
        shutil.copytree(SCRAPE_CONFIG.parent, Path(folder, "deploy"))
        Path(folder, "deploy", "fieldmedic.password").write_text("secret\n", encoding="utf-8")
        status, output = run(promtool, "check", "config", Path(folder, "deploy", SCRAPE_CONFIG.name))
    config = read_yaml(SCRAPE_CONFIG)
    faults = [output] if status else []
    for job in config["scrape_configs"]:
        faults += [f"job {job['job_name']}: a target without a host label"
                   for targets in job.get("static_configs", []) if "host" not in targets.get("labels", {})]
    if config["global"]["scrape_interval"] != "5s" or config["global"]["evaluation_interval"] != "5s":
        faults.append("scrape and evaluation must be 5 s: the bounds of M3 and M4 rest on it")
    return faults


def alert_rules():
    return [rule for _, _, rule in rules() if "alert" in rule]


def alert_cases():
    """Triples of test file, alert name and expected alerts, of all alert_rule_test entries."""
    return [(path.name, case["alertname"], case.get("exp_alerts") or []) for path in rule_test_files()
            for test in read_yaml(path)["tests"] for case in test.get("alert_rule_test", [])]


def each_alert_is_tested_both_ways():
    """A rule is told from another of the same name by its static labels."""
    faults = []
    cases = alert_cases()
    for rule in alert_rules():
        name, labels = rule["alert"], rule["labels"].items()
        fired = [alert for _, case, alerts in cases if case == name for alert in alerts]
        if not any(labels <= alert["exp_labels"].items() for alert in fired):
            faults.append(f"{name} {dict(labels)}: no test case fires it")
        always = rule["expr"] == "vector(1)"
        if not always and not any(case == name and not alerts for _, case, alerts in cases):
            faults.append(f"{name}: no test case in which it does not fire")
    known = {rule["alert"] for rule in alert_rules()}
    faults += [f"{file}: there is no alert {name}" for file, name, _ in cases if name not in known]
    return faults


def keeps_host(expression):
    """An alert keeps the host label when nothing aggregates it away."""
    clauses = re.findall(r"\bby\s*\(([^)]*)\)", expression)
    return all("host" in clause.replace(" ", "").split(",") for clause in clauses)


def alerts_are_shaped_alike():
    faults = [f"{file}: group {group['name']} must say interval: 5s" for file, group, _ in rules()
              if group.get("interval") != "5s"]
    for file, _, rule in rules():
        name, expression = rule.get("alert") or rule["record"], rule["expr"]
        if re.search(r"\binstance\b", expression + str(rule.get("labels"))):
            faults.append(f"{file}: {name} depends on instance")
        if not keeps_host(expression):
            faults.append(f"{file}: {name} loses the label host")
        if re.search(r"\b(sum|min|max|avg|count|group)\s*\(", expression):
            faults.append(f"{file}: {name} aggregates without saying by which labels")
    for rule in alert_rules():
        name, labels, texts = rule["alert"], rule["labels"], rule["annotations"]
        if name not in COPIES and labels.get("severity") not in SEVERITIES:
            faults.append(f"{name}: severity must be one of {sorted(SEVERITIES)}")
        if labels.get("dimension") != DIMENSIONS.get(name):
            faults.append(f"{name}: dimension is {labels.get('dimension')}, wanted {DIMENSIONS.get(name)}")
        if any("{{" in str(value) for value in labels.values()):
            faults.append(f"{name}: a label is a template; labels must not change while an alert fires")
        if set(texts) != ANNOTATIONS or not all(texts.values()):
            faults.append(f"{name}: annotations must be {sorted(ANNOTATIONS)}")
        if name not in WITHOUT_VALUE and "$value" not in texts["description"]:
            faults.append(f"{name}: the description does not say the value")
    return faults


def each_alert_has_its_runbook():
    faults = []
    originals = {rule["alert"] for rule in alert_rules()} - COPIES
    for rule in alert_rules():
        page = "{{ $labels.symptom }}" if rule["alert"] in COPIES else rule["alert"]
        if rule["annotations"].get("runbook_url") != f"docs/runbooks/{page}.md":
            faults.append(f"{rule['alert']}: runbook_url must be docs/runbooks/{page}.md")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in RUNBOOKS.glob("*.md")}
    index = pages.pop("README", "")
    faults += [f"docs/runbooks/{name}.md is missing" for name in sorted(originals - set(pages))]
    for name, text in sorted(pages.items()):
        if name not in originals:
            faults.append(f"docs/runbooks/{name}.md: there is no such alert")
        sections = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
        if not text.startswith(f"# {name}\n") or sections != RUNBOOK_SECTIONS:
            faults.append(f"docs/runbooks/{name}.md: wants the title {name} and the sections {RUNBOOK_SECTIONS}")
        if any(not body.strip() for body in re.split(r"^##? .+$", text, flags=re.MULTILINE)[2:]):
            faults.append(f"docs/runbooks/{name}.md: has an empty section")
        if f"]({name}.md)" not in index:
            faults.append(f"docs/runbooks/README.md does not list {name}")
    return faults
