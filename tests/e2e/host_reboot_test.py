"""What a reboot over SSH of a real host does when its drain fails, hangs or is called off."""
import unittest

from loop.drill import events
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from sick_host import SickHost
from webhooks import alert


class HostReboot(SickHost, LoneRemediator):
    def begin(self, **arguments):
        configuration = self.configuration()
        configuration["playbooks"][0]["tiers"] = [
            {"name": "reboot", "timeout": "2m", "action": {"host_reboot": arguments}}]
        self.start(configuration)
        self.make_sick()
        self.accept(alert())

    def test_a_drain_that_fails_leaves_the_host_up(self):
        self.begin(drain=self.drain("echo still serving >&2; exit 3"))
        incident = self.only_incident()
        self.assertEqual("handed_over", incident["state"])
        self.assertIn("still serving", incident["reason"])
        self.assertEqual((0, 1), self.count())

    def test_a_drain_that_fails_may_be_allowed(self):
        self.begin(drain=self.drain("exit 3"), without_drain="allowed")
        incident = self.only_incident()
        self.assertEqual(("recovered", (1, 1)), (incident["state"], self.count()), incident["reason"])
        drained, ordered = events(incident, "apply_finished")
        self.assertIn("the drain failed, which the playbook allows: exited with 3", drained["evidence"])
        self.assertIn(ordered["outcome"], ("done", "unknown"))  # it may take the connection with it
        (proof,) = [e for e in events(incident, "confirm_answered") if e["step"] == 1 and e["answer"] == "applied"]
        self.assertIn("before it was", proof["evidence"])

    def test_called_off_during_the_drain_nothing_is_rebooted(self):
        self.begin(drain=self.drain("exec sleep 240"))
        wait_for(lambda: self.count() == (0, 1), 30, "the drain does not begin")
        (incident,) = self.incidents()
        status, answer = self.post({"reason": "a test"}, path=f"/api/v1/incidents/{incident['id']}/cancel")
        self.assertEqual(200, status, answer)
        self.assertEqual("cancelled", self.only_incident()["state"])
        self.restart()  # whatever was under way is looked at again
        self.assertEqual((0, 1), self.count())
        self.assertEqual(1, self.host.starts)


if __name__ == "__main__":
    unittest.main(verbosity=2)
