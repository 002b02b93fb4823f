"""What the benchmarks of the remediator share: its configuration, its process, webhooks and its journal."""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time

from programs import CannotMeasure, ROOT

STAMP = b"2026-01-01T00:00:00.000000000Z"


def options(description):
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--remediator", default=str(ROOT / "build/release/bin/fieldmedic-remediator"))
    parser.add_argument("--tool", default=str(ROOT / "build/release/bin/fieldmedic"))
    parser.add_argument("--folder", default=None, help="where the journal is written (its disk is measured)")
    return parser


def configuration(collectors, playbook, **more):
    """Of one host, without people who hear of it. JSON is YAML."""
    return {
        "authentication": "none", "watchdog": {"within": "0s"},
        "groups": [{"name": "local", "hosts": [{"name": "lab", "reach": "local"}], "collectors": collectors}],
        "playbooks": [{"name": "collector-down", "match": ['alertname="CollectorDown"'],
                       "target": {"collector": "{{ labels.collector }}", "host": "{{ labels.host }}"}, **playbook}],
        **more}


def alert(collector):
    return {"status": "firing",
            "labels": {"alertname": "CollectorDown", "collector": collector, "host": "lab", "instance": "127.0.0.1:9987",
                       "job": "fieldmedic", "severity": "critical"},
            "annotations": {"summary": f"collector {collector} on lab is down"}, "startsAt": STAMP.decode(),
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus:9090/graph?g0.expr=collector_up",
            "fingerprint": f"{abs(hash(collector)):016x}"[:16]}


def webhook(alerts):
    """A body as Alertmanager sends it."""
    return json.dumps({"version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": "firing", "receiver": "fieldmedic",
                       "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": alerts}).encode()


class Connection:
    """One that posts webhooks, as a bare socket: what the client does costs little."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, body):
        """The seconds until it was answered 200."""
        begun = time.monotonic()
        self.socket.sendall(b"POST /api/v1/alertmanager HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = self.socket.recv(65536)
            if not more:
                raise CannotMeasure("the remediator closed the connection")
            answer += more
        if not answer.startswith(b"HTTP/1.1 200"):
            raise CannotMeasure(f"answered {answer[:80]!r}")
        return time.monotonic() - begun

    def close(self):
        self.socket.close()


class Remediator:
    """The real program with a journal of its own."""

    def __init__(self, settings, config, folder):
        self.settings, self.folder = settings, folder
        self.journal = folder / "journal.db"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        file = folder / "remediator.yml"
        file.write_text(json.dumps(config | {"listen": f"127.0.0.1:{self.port}", "journal": {"sqlite": {"path": str(self.journal)}}}))
        if not os.access(settings.remediator, os.X_OK):
            raise CannotMeasure(f"{settings.remediator} is not built: scripts/build release")
        self.process = subprocess.Popen([settings.remediator, f"--config.file={file}"], stderr=subprocess.DEVNULL)

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CannotMeasure(f"the remediator ended with {self.process.returncode}")
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.02)
        raise CannotMeasure("the remediator does not become ready")

    def resident_mb(self):
        return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    def events(self):
        """Of the whole journal, as its own tool tells them; only once the program has ended."""
        dump = subprocess.run([self.settings.tool, "journal", "dump", str(self.journal)], capture_output=True, text=True, check=True)
        return [json.loads(line) for line in dump.stdout.splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@contextlib.contextmanager
def running(settings, config):
    with tempfile.TemporaryDirectory(dir=settings.folder) as folder:
        program = Remediator(settings, config, pathlib.Path(folder))
        try:
            program.wait_until_ready()
            yield program
        finally:
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()
