"""A unit of a real systemd is stopped, its cache cleared, and started. The remediator that dies between two of these
finds it stopped, and starts it once."""
import unittest

from loop.processes import wait_for

from lone_remediator import LoneRemediator
from page import Page
from systemd_host import SystemdHost
from webhooks import alert

UNIT = """\
[Service]
ExecStartPre=/bin/sh -c 'echo start >> /run/starts'
ExecStart=/bin/sleep infinity
"""


class ClearedRestart(LoneRemediator):
    def setUp(self):
        super().setUp()
        self.host = SystemdHost.or_skip(self.layout.state / "units", {"orders.service": UNIT}, [])
        self.addCleanup(self.host.stop)
        self.addCleanup(self.processes.stop_all)
        self.cache = self.layout.orders / "cache"
        self.cache.mkdir()
        (self.cache / "stale").write_text("")
        self.host.systemctl("start", "orders.service")
        wait_for(lambda: self.host.state_of("orders.service") == "active", 60, "the unit does not start")
        self.counter = self.host.path("/run/starts")
        self.counter.write_text("")
        page = Page(lambda *_: (200 if self.is_well() else 503, b""))
        self.addCleanup(page.stop)
        self.url = page.url

    def is_well(self):
        return not list(self.cache.iterdir()) and self.counter.read_text() != ""

    def configuration(self):
        configuration = super().configuration()
        configuration["groups"][0]["collectors"][0]["unit"] = "orders.service"
        (playbook,) = configuration["playbooks"]
        playbook["tiers"] = [{"name": "stop, clear, start", "timeout": "120s",
                              "action": {"systemd_restart": {"clear": [str(self.cache)]}}}]
        playbook["verify"]["checks"] = [{"http": {"urls": [self.url + "/now"]}}]
        return configuration

    def argv(self):
        return self.host.with_its_bus(super().argv())

    def die_at(self, place):
        self.start(environment={"FIELDMEDIC_CRASH_AT": place})
        self.accept(alert())
        wait_for(self.processes.ended, 60, f"it does not die at {place}")
        self.processes.stop("remediator")
        self.assertEqual("inactive", self.host.state_of("orders.service"))
        self.assertEqual("", self.counter.read_text())

    def assert_started_once(self):
        incident = self.only_incident()
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual([], list(self.cache.iterdir()))
        self.assertEqual("start\n", self.counter.read_text())
        self.assertEqual("active", self.host.state_of("orders.service"))

    def test_it_is_cleared_while_it_is_down(self):
        self.start()
        self.accept(alert())
        self.assert_started_once()

    def test_after_a_death_behind_the_stop_it_is_cleared_and_started(self):
        self.die_at("after_effect:apply")
        self.assertEqual(["stale"], [path.name for path in self.cache.iterdir()])
        self.start()
        self.assert_started_once()

    def test_after_a_death_behind_the_clearing_it_is_started(self):
        self.die_at("after_effect:apply#2")
        self.assertEqual([], list(self.cache.iterdir()))
        self.start()
        self.assert_started_once()


if __name__ == "__main__":
    unittest.main(verbosity=2)
