"""Checks against real servers: queries on Prometheus, alerts on their whole way."""
import datetime
import json
import re
import tempfile
import urllib.parse
from pathlib import Path

from servers import Stub, alertmanager, eventually, fetch, free_address, prometheus
from tools import ALERTMANAGER_CONFIG, ROOT, SCRAPE_CONFIG, Skip, queries, read_yaml, rules

# Series that Prometheus makes itself: for each scrape, and for each alert.
OWN_SERIES = {"up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS", "ALERTS_FOR_STATE"}
KEYWORDS = {"and", "or", "unless", "bool", "offset", "Inf", "inf", "NaN", "nan"}


def prometheus_accepts_queries():
    address = free_address()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty.yml").write_text("global: {}\n", encoding="utf-8")
        with prometheus(folder, folder / "empty.yml", address):
            faults = []
            for where, query in queries():
                form = urllib.parse.urlencode({"query": query}).encode()
                status, answer = fetch(f"http://{address}/api/v1/query", data=form)
                if status != 200:
                    faults.append(f"{where}: {answer}: {query}")
            return faults


def series_in(query):
    """The metric names a query reads: identifiers that are no function, keyword, label or duration."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', query)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*(\([^)]*\))?", " ", bare)
    names = re.findall(r"(?<![\w:.])([A-Za-z_:][\w:]*)(?!\s*\()(?![\w:])", bare)
    functions = set(re.findall(r"([A-Za-z_]\w*)\s*\(", bare))
    return {name for name in names if name not in KEYWORDS | functions}


def names_in_scrape(path):
    """Metric names in exposition text (also of families without a sample yet), or in JSON."""
    text = Path(path).read_text(encoding="utf-8")
    if text.lstrip()[:1] in ("[", "{"):
        parsed = json.loads(text)
        return set(parsed["data"] if isinstance(parsed, dict) else parsed)
    names = set(re.findall(r"^([A-Za-z_:][\w:]*)(?=[ {])", text, flags=re.MULTILINE))
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)", text, flags=re.MULTILINE):
        names |= {name + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


def queries_name_live_series(*files):
    if not files:
        raise Skip("no live scrape given")
    live = set().union(*(names_in_scrape(path) for path in files))
    recorded = {rule["record"] for _, _, rule in rules() if "record" in rule}
    return [f"{where}: no live series {name}" for where, query in queries()
            for name in sorted(series_in(query) - live - recorded - OWN_SERIES)]


WELL = """collector_up{collector="orders"} 1
"""
DOWN = WELL.replace('{collector="orders"} 1', '{collector="orders"} 0')
PASSWORD = "correct horse"


def configure(folder, stub, prometheus_address, alertmanager_address):
    """The shipped configurations with other addresses, and a receiver of its own for people."""
    (folder / "fieldmedic.password").write_text(PASSWORD, encoding="utf-8")
    scrape = SCRAPE_CONFIG.read_text(encoding="utf-8")
    for old, new in {"127.0.0.1:9987": stub.address, "127.0.0.1:9988": stub.address,
                     "127.0.0.1:9090": prometheus_address, "127.0.0.1:9093": alertmanager_address,
                     "../rules/": f"{ROOT}/rules/"}.items():
        scrape = scrape.replace(old, new)
    (folder / "prometheus.yml").write_text(scrape, encoding="utf-8")

    config = read_yaml(ALERTMANAGER_CONFIG)
    to_medic, to_people = config["receivers"]
    to_medic["webhook_configs"][0]["url"] = f"http://{stub.address}{stub.guarded}"
    to_people["webhook_configs"] = [{"url": f"http://{stub.address}/people"}]
    for route in config["route"]["routes"]:
        if route["receiver"] == "people":
            route |= {"group_wait": "1s", "group_interval": "1s"}  # the rule is under test, not people's patience
    (folder / "alertmanager.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML


def post_alerts(address, *label_sets):
    """Alerts of another source, firing for the next 10 min."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=10)
    body = [{"labels": labels, "endsAt": end.isoformat()} for labels in label_sets]
    status, answer = fetch(f"http://{address}/api/v2/alerts", json.dumps(body).encode(), "application/json")
    if status != 200:
        raise RuntimeError(f"Alertmanager refused the alerts: {answer}")


def alerts_at(address, **labels):
    return [alert for alert in fetch(f"http://{address}/api/v2/alerts")[1] if labels.items() <= alert["labels"].items()]


def ready(address):
    """Prometheus has found Alertmanager (what fires earlier is sent a minute later) and seen the collector."""
    found = fetch(f"http://{address}/api/v1/alertmanagers")[1]["data"]["activeAlertmanagers"]
    seen = fetch(f"http://{address}/api/v1/query?query=collector:up:max")[1]["data"]["result"]
    return found and seen


def follow_alert(stub, address):
    """CollectorDown fires and ends while ExporterDown, which hides its copy from people, fires on that host."""
    post_alerts(address, {"alertname": "ExporterDown", "host": "lab", "severity": "critical"},
                {"alertname": "PeopleNotice", "symptom": "HostCpuHigh", "host": "b", "audience": "people"})
    target = {"host": "lab", "collector": "orders"}
    stub.metrics = DOWN
    eventually("CollectorDown arrives firing",
               lambda: stub.alerts(stub.guarded, "firing", alertname="CollectorDown", **target))
    eventually("the copy for people is inhibited",
               lambda: any(copy["status"]["inhibitedBy"] for copy in alerts_at(address, symptom="CollectorDown", **target)))
    faults = ["the original is inhibited"
              for alert in alerts_at(address, alertname="CollectorDown", **target) if alert["status"]["inhibitedBy"]]
    stub.metrics = WELL
    eventually("CollectorDown arrives resolved",
               lambda: stub.alerts(stub.guarded, "resolved", alertname="CollectorDown", **target))
    eventually("people get a copy that nothing inhibits", lambda: stub.alerts("/people", "firing", symptom="HostCpuHigh"))
    if stub.alerts("/people", "firing", symptom="CollectorDown"):
        faults.append("people got a copy that is inhibited")
    if any(alert["labels"].get("audience") == "people" for alert in stub.received[stub.guarded]):
        faults.append("the remediator got an alert that is for people")
    if stub.refused:
        faults.append("Alertmanager came without its credentials")
    return faults


def firing_and_resolved_arrive():
    addresses = free_address(), free_address()
    with tempfile.TemporaryDirectory() as name, Stub("medic", PASSWORD) as stub:
        folder = Path(name)
        stub.metrics = WELL
        configure(folder, stub, *addresses)
        with alertmanager(folder, folder / "alertmanager.yml", addresses[1]), \
                prometheus(folder, folder / "prometheus.yml", addresses[0]):
            try:
                eventually("Prometheus is ready", lambda: ready(addresses[0]))
                return follow_alert(stub, addresses[1])
            except TimeoutError as timeout:
                return [f"{timeout}; received: {json.dumps(stub.received)[-3000:]}"]
