"""The remediator by itself: real actions on a real process (a copy of `sleep` as the collector), people,
and a stub in Alertmanager's place; no Prometheus, so a webhook comes from the test."""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from loop.api import NoAnswer, Remediator
from loop.credentials import Credentials, write_secret
from loop.layout import HOST, Layout
from loop.people import People
from loop.ports import Ports
from loop.processes import Identity, Processes, reap, tail, wait_for

import webhooks
from story import Story, is_over, metric, programs


class Collector:
    """A program of its own, so that its path names its processes."""

    def __init__(self, name, folder):
        self.name = name
        self.program = folder / name
        shutil.copy("/usr/bin/sleep", self.program)

    def configuration(self):
        return {"name": self.name, "process": {"executable": str(self.program)}, "start": [str(self.program), "86400"]}

    def processes(self):
        """The living ones."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and os.readlink(entry / "exe").removesuffix(" (deleted)") == str(self.program):
                    found.append(Identity.of(int(entry.name)))
            except OSError:
                continue  # it ended, or is not ours to read
        return [identity for identity in found if identity]

    def kill(self):
        for identity in self.processes():
            os.kill(identity.pid, signal.SIGKILL)
            wait_for(lambda: reap(identity.pid) or not identity.alive(), 10, f"pid {identity.pid} does not end")


class StubAlertmanager:
    """Answers GET /api/v2/alerts with `alerts`, and keeps the paths that were asked."""

    def __init__(self, port):
        stub = self
        self.alerts, self.asked = [], []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                stub.asked.append(self.path)
                body = json.dumps(stub.alerts).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass  # the test looks at `asked`

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class LoneRemediator(Story):
    """Each test has a remediator of its own, not started yet: start() does it."""

    COLLECTORS = ("orders",)

    def setUp(self):
        self.layout = Layout(self.folder / self.id().rpartition(".")[2]).make()
        self.journal = self.layout.data / "journal.db"
        self.ports = Ports.free()
        self.credentials = Credentials(self.layout)
        self.credentials.write()
        write_secret(self.layout.secrets / "wecom.key", "stand-in-for-a-robot-key")
        self.processes = Processes(self.layout)
        self.remediator = Remediator(self.ports.remediator, "medic", self.credentials.password("medic"))
        self.alertmanager = StubAlertmanager(self.ports.alertmanager)
        self.addCleanup(self.alertmanager.stop)
        self.people = People(self.ports.people, self.layout.state / "told.jsonl", lambda *_: None)
        self.people.start()
        self.addCleanup(self.people.stop)
        self.collectors = [Collector(name, self.layout.orders) for name in self.COLLECTORS]
        self.orders = self.collectors[0]
        for collector in self.collectors:
            self.addCleanup(collector.kill)
        self.addCleanup(self.processes.stop_all)  # before the collectors: it must not heal what we end

    def configuration(self):
        """What remediator.yml says; JSON is YAML."""
        people = f"http://127.0.0.1:{self.ports.people}"
        return {
            "listen": f"127.0.0.1:{self.ports.remediator}",
            "web_config_file": "web.yml",
            "journal": {"sqlite": {"path": str(self.journal)}},
            "alertmanager": {"url": f"http://127.0.0.1:{self.ports.alertmanager}", "receiver": "fieldmedic"},
            "groups": [{"name": "local", "hosts": [{"name": HOST, "reach": "local"}],
                        "collectors": [collector.configuration() for collector in self.collectors]}],
            "playbooks": [{
                "name": "collector-down", "match": ['alertname="CollectorDown"'],
                "target": {"collector": "{{ labels.collector }}", "host": "{{ labels.host }}"}, "mode": "act",
                "tiers": [{"name": "restart the process", "action": {"process_restart": {}}, "timeout": "30s"}],
                "verify": {"within": "30s", "hold": "200ms", "interval": "100ms", "checks": [{"process": {}}]},
                "limits": {"attempts": 100, "per": "1h", "cooldown": "0s", "patience": "30m"},
                "relapse": {"within": "0s", "per_day": 100},
                "notify": ["oncall"]}],
            "receivers": [{"name": "oncall", "send": "all", "channels": [
                {"wecom_robot": {"key_file": str(self.layout.secrets / "wecom.key"), "url": f"{people}/wecom"}},
                {"http": {"url": f"{people}/sms", "method": "POST", "content_type": "application/json",
                          "body": '{"phone":"13800001111","text":"{{ message.text }}"}',
                          "success": {"json_pointer": "/Code", "equals": "OK"}}}]}],
        }

    def configure(self, text):
        (self.layout.conf / "remediator.yml").write_text(
            text if isinstance(text, str) else json.dumps(text, indent=1), encoding="utf-8")

    def argv(self):
        return [programs().remediator, f"--config.file={self.layout.conf}/remediator.yml"]

    def start(self, configuration=None, environment=None):
        if configuration or not (self.layout.conf / "remediator.yml").exists():
            self.configure(configuration or self.configuration())
        self.processes.start("remediator", self.argv(), lambda: self.remediator.answers("/-/ready"),
                             environment=environment)

    def kill(self):
        os.kill(self.processes.pid("remediator"), signal.SIGKILL)
        self.processes.stop("remediator")

    def restart(self):
        self.processes.stop("remediator")
        self.start()

    def log(self):
        return self.processes.log_file("remediator").read_text(encoding="utf-8", errors="replace")

    def recorded(self, name):
        """What the journal holds of one kind of event, oldest first; asked while no remediator holds it."""
        with contextlib.closing(sqlite3.connect(self.journal)) as journal:
            rows = journal.execute("SELECT body FROM event WHERE name = ? ORDER BY sequence", (name,)).fetchall()
        return [json.loads(body) for (body,) in rows]

    # --- asking

    def post(self, body, **options):
        return webhooks.post(self.remediator, body, **options)

    def accept(self, *alerts):
        self.assertEqual(200, self.post(webhooks.webhook(*alerts))[0])

    def metric(self, name, **labels):
        return metric(self.remediator.get("/metrics"), name, **labels)

    def incidents(self):
        return self.remediator.incidents()

    def only_incident(self):
        """With its timeline, once it is over; there must be no other."""
        def over():
            try:
                incidents = self.incidents()
            except NoAnswer:
                return None
            self.assertLess(len(incidents), 2)
            return incidents and is_over(incidents[0]) and self.remediator.incident(incidents[0]["id"])

        return wait_for(over, 60, lambda: f"no incident is over; the log ends:\n{tail(self.processes.log_file('remediator'))}")

    def assert_nothing_was_done(self):
        self.assertEqual([], self.incidents())
        self.assertEqual([], self.orders.processes())
