"""Both real daemons with everything configured that they can watch, each scraped once or until a family is there."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess

from servers import Stub, eventually, fetch, free_address, server
from tools import Skip

# Three reports of rsyslog about its action `forward`; records are delivered from the second on.
IMPSTATS = "".join(
    f'Mon Nov 23 08:05:{second:02} 2026: {{ "name": "{name}", "origin": "core.{kind}", {counters} }}\n'
    for second, done in ((0, 7), (5, 9), (10, 12))
    for name, kind, counters in (
        ("forward", "action", f'"processed": {done}, "failed": 0'),
        ("forward queue", "queue", f'"size": 1, "enqueued": {done}, "discarded.full": 0, "discarded.nf": 0')))

# What a scrape shows only after something else has happened.
WAITED_FOR = ["collector_attempts_total", "collector_last_success_timestamp_seconds", "collector_config_drift",
              "collector_storage_sync_timestamp_seconds", "collector_health_status_code", "collector_peer_up"]


def program(name):
    path = pathlib.Path(os.environ.get("FIELDMEDIC_BIN", ""), name)
    if not os.access(path, os.X_OK) or path.is_dir():
        raise Skip(f"{name} is not built in FIELDMEDIC_BIN")
    return path


@contextlib.contextmanager
def collector(folder):
    """A process whose path names it. Yields its configuration."""
    executable = folder / "collector"
    shutil.copy("/usr/bin/sleep", executable)
    (folder / "collector.log").write_text("ERROR began\n", encoding="utf-8")
    (folder / "impstats.json").write_text(IMPSTATS, encoding="utf-8")
    process = subprocess.Popen([executable, "600"], stdin=subprocess.DEVNULL)
    try:
        yield {
            "name": "orders",
            "process": {"executable": str(executable)},
            "success": {"rsyslog_impstats": {"file": str(folder / "impstats.json"), "action": "forward"}},
            "log": {"files": [str(folder / "collector.log")]},
            "storage": {"paths": [str(folder)], "sync_probe": {"folder": str(folder), "interval": "5s"}},
            "config": {"files": [{"path": str(executable), "sha256": "0" * 64}]},
        }
    finally:
        process.kill()
        process.wait()


def scrape(address, families=()):
    """The text of one scrape in which each of the families has a sample."""
    def page():
        status, text = fetch(f"http://{address}/metrics")
        complete = all(re.search(rf"^{name}[ {{]", text, flags=re.MULTILINE) for name in families)
        return text if status == 200 and complete else None
    return eventually(f"a scrape of {address} shows {', '.join(families) or 'something'}", page)


def exporter_scrape(folder):
    address = free_address()
    with Stub("medic", "unused") as stub, collector(folder) as watched:
        watched["ports"] = watched["peers"] = [stub.address]
        watched["health"] = [f"http://{stub.address}/"]
        config = {"collectors": [watched]}
        (folder / "exporter.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
        argv = [program("fieldmedic-exporter"), f"--config.file={folder}/exporter.yml", f"--web.listen-address={address}"]
        with server(argv, f"http://{address}/-/ready", folder / "exporter.log"):
            return scrape(address, WAITED_FOR)


def remediator_scrape(folder):
    address = free_address()
    config = {"listen": address, "authentication": "none", "journal": {"sqlite": {"path": str(folder / "journal.db")}}}
    (folder / "remediator.yml").write_text(json.dumps(config), encoding="utf-8")
    watchdog = {"version": "4", "groupKey": "{}", "status": "firing", "receiver": "fieldmedic", "groupLabels": {},
                "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://a/", "truncatedAlerts": 0,
                "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}, "annotations": {},
                            "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "",
                            "fingerprint": "0000000000000001"}]}
    argv = [program("fieldmedic-remediator"), f"--config.file={folder}/remediator.yml"]
    with server(argv, f"http://{address}/-/ready", folder / "remediator.log"):
        status, answer = fetch(f"http://{address}/api/v1/alertmanager", json.dumps(watchdog).encode(), "application/json")
        if status != 200:
            raise RuntimeError(f"the remediator refused the Watchdog: {status} {answer}")
        return scrape(address, ["fieldmedic_watchdog_last_seen_timestamp_seconds"])
