"""R6: a collector that systemd manages gets a bad configuration. A restart through systemd does not help, nor does a stop
with its cache cleared before the start; its last good configuration does. Each remedy is verified before the next, with
the network and the disk checked at the same time. A real systemd in a container does the first two."""
import json
import os
import signal
import unittest
from pathlib import Path

from loop.drill import events
from loop.layout import HOST
from loop.ports import Ports
from loop.processes import Identity, wait_for

from shipped import playbook
from story import applied
from systemd_host import SystemdHost
from temporary_change import DETECTION, RemedyLoop, TemporaryChange

# Listens where its configuration says, which it reads when it starts and at SIGHUP.
SERVER = """\
import json, signal, socket, sys
server = None
def listen(*_):
    global server
    if server:
        server.close()
    server = socket.create_server(("127.0.0.1", json.load(open(sys.argv[1]))["port"]))
signal.signal(signal.SIGHUP, listen)
listen()
while True:
    try:
        server.accept()[0].close()
    except OSError:
        pass  # it listens elsewhere now
"""
UNIT = """\
[Service]
ExecStart={argv}
TimeoutStopSec=20s
"""


class BrokerLoop(RemedyLoop):
    """The container has this machine's network, processes that are seen here, and a systemd of its own."""

    host = None

    def configure(self):
        self.port, self.elsewhere = Ports.free().exporter, Ports.free().remediator
        self.server, self.config, self.good = (self.layout.conf / name for name in ("server.py", "broker.json", "good.json"))
        self.cache = self.layout.state / "cache"
        self.cache.mkdir()
        self.server.write_text(SERVER)
        for path in (self.config, self.good):
            path.write_text(json.dumps({"port": self.port}))
        self.playbook = playbook("managed-collector-down", {
            "name": "broker-down",
            "match": ['alertname=~"CollectorDown|CollectorPortClosed"', 'collector="broker"'],
            "tiers": {1: {"action": {"systemd_restart": {"clear": [str(self.cache)]}}},
                      2: {"action": {"config_rollback": {"file": str(self.config), "good": str(self.good)}}}},
            "verify": {"within": "30s", "hold": "3s"}})
        super().configure()
        process, ports = {"command_line": str(self.server)}, [f"127.0.0.1:{self.port}"]
        seen = {"name": "broker", "process": process, "ports": ports, "storage": {"paths": [str(self.cache)]},
                "peers": [f"127.0.0.1:{self.ports.alertmanager}"]}
        self.replace_in("exporter.yml", "collectors:\n", f"collectors:\n  - {json.dumps(seen)}\n")
        known = {"name": "broker", "unit": "broker.service", "process": process, "ports": ports}
        self.replace_in("remediator.yml", "    collectors:\n", f"    collectors:\n      - {json.dumps(known)}\n")
        unit = UNIT.format(argv=f"/usr/bin/python3 {self.server} {self.config}")
        self.host = SystemdHost.or_skip(self.layout.state / "units", {"broker.service": unit}, [self.layout.conf], ())
        self.host.systemctl("start", "broker.service")
        wait_for(self.brokers, 60, "the broker does not start")

    def start_remediator(self, environment=None):
        argv = [self.programs.remediator, f"--config.file={self.layout.conf}/remediator.yml"]
        self.processes.start("remediator", self.host.with_its_bus(argv),
                             lambda: self.remediator.answers("/-/ready"), environment=environment)

    def brokers(self):
        """The living ones."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and (entry / "cmdline").read_bytes().split(b"\0")[1:2] == [os.fsencode(self.server)]:
                    found.append(Identity.of(int(entry.name)))
            except OSError:
                continue  # it ended
        return [identity for identity in found if identity and identity.alive()]


class ABadConfigurationIsRolledBack(TemporaryChange):
    @classmethod
    def make_loop(cls, *arguments):
        loop = BrokerLoop(*arguments)
        cls.addClassCleanup(lambda: loop.host and loop.host.stop())  # after the loop: it must not heal what we end
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        loop = cls.loop
        for query in ("collector_port_listening", "collector_peer_up", "collector_storage_answers"):
            wait_for(lambda: loop.prometheus.query(f'{query}{{collector="broker",host="{HOST}"}} == 1'), 60,
                     f"Prometheus has not seen {query}")
        (loop.cache / "stale").write_text("stale")
        loop.config.write_text(json.dumps({"port": loop.elsewhere}))
        (broker,) = loop.brokers()
        os.kill(broker.pid, signal.SIGHUP)
        cls.incident = cls.only_incident(DETECTION + 240)

    def test_the_third_remedy_heals_and_no_further_one_is_tried(self):
        self.assertEqual("recovered", self.incident["state"], self.incident["reason"])
        self.assertEqual(2, self.incident["tier"])
        self.assertEqual(self.loop.good.read_text(), self.loop.config.read_text())
        self.assertEqual([], list(self.loop.cache.iterdir()))
        self.assertEqual(1, len(self.loop.brokers()))

    def test_each_was_verified_before_the_next(self):
        order = [(event["event"], event.get("tier")) for event in self.incident["timeline"]
                 if event["event"] in ("verifying_started", "tier_failed")]
        self.assertEqual([("verifying_started", None), ("tier_failed", 0), ("verifying_started", None), ("tier_failed", 1),
                          ("verifying_started", None)], order)

    def test_network_and_disk_were_checked_at_the_same_time(self):
        last = events(self.incident, "checks_answered")[-1]["answers"]
        self.assertEqual(["pass"] * 5, [answer["verdict"] for answer in last], last)

    def test_what_was_there_is_kept_beside_it(self):
        (kept,) = self.loop.config.parent.glob("broker.json.replaced-*")
        self.assertEqual({"port": self.loop.elsewhere}, json.loads(kept.read_text()))

    def test_every_step_was_done(self):
        # restart; stop, clear, start; exchange, signal
        self.assertEqual(6, applied(self.incident))
        self.assertEqual({"done"}, {event["outcome"] for event in events(self.incident, "apply_finished")})


if __name__ == "__main__":
    unittest.main(verbosity=2)
