"""R6: a collector gets a bad configuration. A restart does not help, nor does one with its cache cleared; its last good
configuration does. Each remedy is verified before the next."""
import json
import os
import signal
import subprocess
import unittest
from pathlib import Path

from loop.drill import events
from loop.layout import HOST
from loop.ports import Ports
from loop.processes import Identity, reap, wait_for

from shipped import playbook
from story import applied
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
PATTERN = "process: {command_line: '@server@'}\n        ports: [\"127.0.0.1:@port@\"]\n"


class BrokerLoop(RemedyLoop):
    def configure(self):
        self.port, self.elsewhere = Ports.free().exporter, Ports.free().remediator
        self.server, self.config, self.good = (self.layout.conf / name for name in ("server.py", "broker.json", "good.json"))
        self.cache = self.layout.state / "cache"
        self.cache.mkdir()
        self.server.write_text(SERVER)
        for path in (self.config, self.good):
            path.write_text(json.dumps({"port": self.port}))
        self.argv = ["/usr/bin/python3", str(self.server), str(self.config)]
        self.playbook = playbook("collector-down", {
            "name": "broker-down",
            "match": ['alertname=~"CollectorDown|CollectorPortClosed"', 'collector="broker"'],
            "tiers": {1: {"action": {"process_restart": {"clear": [str(self.cache)]}}},
                      2: {"action": {"config_rollback": {"file": str(self.config), "good": str(self.good)}}}},
            "verify": {"within": "30s", "hold": "3s"}})
        super().configure()
        pattern = PATTERN.replace("@server@", str(self.server)).replace("@port@", str(self.port))
        self.replace_in("exporter.yml", "collectors:\n", f"collectors:\n  - name: broker\n    {pattern.replace('        ', '    ')}")
        self.replace_in("remediator.yml", "    collectors:\n", f"    collectors:\n      - name: broker\n        {pattern}"
                        f"        start: {json.dumps(self.argv)}\n")
        self.start_broker()

    def start_broker(self):
        subprocess.run(["setsid", "--fork", *self.argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)
        wait_for(self.brokers, 10, "the broker does not start")

    def brokers(self):
        """The living ones."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and (entry / "cmdline").read_bytes().split(b"\0")[1:2] == [os.fsencode(self.server)]:
                    reap(int(entry.name))  # orphans come to us
                    found.append(Identity.of(int(entry.name)))
            except OSError:
                continue  # it ended
        return [identity for identity in found if identity and identity.alive()]

    def end_brokers(self):
        for identity in self.brokers():
            identity.end()


class ABadConfigurationIsRolledBack(TemporaryChange):
    @classmethod
    def make_loop(cls, *arguments):
        loop = BrokerLoop(*arguments)
        cls.addClassCleanup(loop.end_brokers)  # after the loop has ended: it must not heal what we end
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        loop = cls.loop
        wait_for(lambda: loop.prometheus.query(f'collector_port_listening{{collector="broker",host="{HOST}"}} == 1'), 60,
                 "Prometheus has not seen the broker listen")
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

    def test_what_was_there_is_kept_beside_it(self):
        (kept,) = self.loop.config.parent.glob("broker.json.replaced-*")
        self.assertEqual({"port": self.loop.elsewhere}, json.loads(kept.read_text()))

    def test_every_step_was_done(self):
        # stop, start; stop, clear, start; exchange, signal
        self.assertEqual(7, applied(self.incident))
        self.assertEqual({"done"}, {event["outcome"] for event in events(self.incident, "apply_finished")})


if __name__ == "__main__":
    unittest.main(verbosity=2)
