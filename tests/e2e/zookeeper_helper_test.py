"""ZooKeeper is asked by a process of its own: who ends that one, a server or a signal, ends nothing else, and a change
whose answer was lost with it is looked up and not made twice."""
import json
import os
import signal
import unittest
from pathlib import Path

from loop.drill import events
from loop.processes import Identity, wait_for

from lone_remediator import LoneRemediator
from page import Page
from webhooks import alert
from zookeeper import Manner, Zookeeper


class ZookeeperHelper(LoneRemediator):
    def setUp(self):
        super().setUp()
        self.zookeeper = Zookeeper({"/": "", "/route": "own"})
        self.addCleanup(self.zookeeper.stop)
        # The lease waits for /later, and is not over here.
        self.page = Page(lambda _, path: (200 if path == "/now" and self.is_diverted() else 503, b""))
        self.addCleanup(self.page.stop)
        self.addCleanup(self.processes.stop_all)
        self.start()

    def is_diverted(self):
        return self.zookeeper.data("/route") == "spare"

    def configuration(self):
        configuration = super().configuration()
        (playbook,) = configuration["playbooks"]
        playbook["tiers"] = [{
            "name": "divert", "timeout": "1m",
            "action": {"data_divert": {"zookeeper": {"servers": [self.zookeeper.address], "node": "/route"}, "to": "spare"}},
            "lease": {"for": "1h", "unattended": "accepted", "until": {
                "hold": "1s", "interval": "1s", "checks": [{"http": {"urls": [self.page.url + "/later"]}}]}}}]
        playbook["verify"] |= {"checks": [{"http": {"urls": [self.page.url + "/now"]}}]}
        return configuration

    def helpers(self):
        """The living ones of this remediator."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if (entry.name.isdecimal() and b"--zookeeper-helper" in (entry / "cmdline").read_bytes().split(b"\0")
                        and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == self.pid):
                    found.append(Identity.of(int(entry.name)))
            except OSError:
                continue  # it ended
        return [identity for identity in found if identity]

    @property
    def pid(self):
        return self.processes.pid("remediator")

    def helper_that_waits(self):
        """Of a change that was made and not answered."""
        self.zookeeper.manner = Manner.HOLDING
        self.accept(alert())
        wait_for(self.zookeeper.held.is_set, 60, "nothing is diverted")
        (helper,) = self.helpers()
        self.zookeeper.manner = Manner.WELL
        return helper

    def assert_diverted_once(self):
        incident = self.only_incident()
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual((1, True), (self.zookeeper.changes, self.is_diverted()))
        wait_for(lambda: not self.helpers(), 60, "a helper is left")
        return incident

    def test_a_server_that_breaks_the_protocol_ends_the_helper_alone(self):
        self.zookeeper.manner = Manner.BROKEN
        pid = self.pid
        self.accept(alert())

        def told():
            return [text for text in (json.dumps(self.remediator.incident(one["id"])) for one in self.incidents())
                    if "ZooKeeper: the process that asks it " in text and " before it answered" in text]

        wait_for(told, 60, lambda: f"the incidents say something else: {self.incidents()}")
        self.assertEqual((pid, None), (self.pid, self.processes.exit_status("remediator")))
        self.assertTrue(self.remediator.answers("/-/ready"))
        self.assertEqual((0, "own"), (self.zookeeper.changes, self.zookeeper.data("/route")))
        wait_for(lambda: not self.helpers(), 60, "a helper is left")

    def test_a_helper_that_is_killed_after_the_change_is_settled_by_reading(self):
        os.kill(self.helper_that_waits().pid, signal.SIGKILL)
        incident = self.assert_diverted_once()
        self.assertEqual(["done"], [event["outcome"] for event in events(incident, "apply_finished")])

    def test_a_helper_goes_with_a_remediator_that_is_killed_and_the_next_one_does_it_no_second_time(self):
        helper = self.helper_that_waits()
        self.kill()
        wait_for(lambda: not helper.alive(), 60, "the helper outlives the remediator")
        self.start()
        self.assert_diverted_once()

    def test_a_reload_leaves_no_helper_behind(self):
        helper = self.helper_that_waits()
        self.reload()
        self.assertTrue(self.remediator.answers("/-/ready"))
        os.kill(helper.pid, signal.SIGKILL)
        self.assert_diverted_once()

    def reload(self):
        before = self.metric("fieldmedic_config_last_reload_success_timestamp_seconds")
        os.kill(self.pid, signal.SIGHUP)
        wait_for(lambda: self.metric("fieldmedic_config_last_reload_success_timestamp_seconds") > before, 60,
                 "it does not reload")


if __name__ == "__main__":
    unittest.main(verbosity=2)
