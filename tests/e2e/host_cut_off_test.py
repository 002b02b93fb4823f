"""R3: a host answers its Prometheus no more, while SSH still does. At a person's word it hands over what it holds and is
rebooted over SSH, and is back by the first scrape of its exporter."""
import unittest

from loop.drill import events
from loop.processes import wait_for

from shipped import playbook
from temporary_change import DETECTION
from two_hosts import NAME, ARebootIsApproved, TwoHostLoop
from two_links import TwoLinks


class CutOffLoop(TwoHostLoop):
    def remedy(self):
        return playbook("host-cut-off", {
            "tiers": {0: {"timeout": "1m", "action": {"host_reboot": {
                "drain": ["/bin/sh", "-c", f"echo handed over >> {self.drains}"]}}}},
            "verify": {"within": "3m", "hold": "5s", "interval": "1s"}})


class AHostThatIsCutOffIsRebooted(ARebootIsApproved):
    @classmethod
    def make_loop(cls, *arguments):
        loop = CutOffLoop(*arguments)
        loop.links = TwoLinks.or_skip()
        cls.addClassCleanup(loop.links.leave)
        cls.addClassCleanup(lambda: loop.host and loop.host.stop())
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loop.freeze_exporter()
        cls.asked = wait_for(cls.question, DETECTION, "no person is asked")
        cls.meanwhile = (cls.loop.host.starts, cls.loop.drains.read_text())
        cls.incident = cls.approved(cls.asked, 240)

    def test_nothing_was_done_before_a_person_said_so(self):
        self.assertEqual((1, ""), self.meanwhile)

    def test_it_handed_over_was_booted_once_and_is_scraped_again(self):
        self.assertEqual("recovered", self.incident["state"], self.incident["reason"])
        self.assertEqual(f"host/{NAME}", self.incident["target"])
        self.assertEqual({"ExporterDown"}, {alert["name"] for alert in self.incident["alerts"]})
        self.assertEqual((2, "handed over\n"), (self.loop.host.starts, self.loop.drains.read_text()))
        proofs = [event["evidence"] for event in events(self.incident, "confirm_answered") if event["answer"] == "applied"]
        self.assertIn("before it was", proofs[-1])
        self.assertEqual([1], [value for _, value in self.loop.prometheus.query(f'up{{host="{NAME}"}}')])


if __name__ == "__main__":
    unittest.main(verbosity=2)
