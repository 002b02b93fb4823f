"""R3: a host hangs, so that SSH is silent as well. At a person's word its management controller resets it, and that it was
booted anew is proved by its own uptime."""
import json
import unittest

from loop.drill import events
from loop.processes import wait_for

from bmc import Bmc
from rebooting_host import PoweredHost
from shipped import playbook
from temporary_change import DETECTION
from two_hosts import NAME, ARebootIsApproved, TwoHostLoop
from two_links import TwoLinks


class SilentHostLoop(TwoHostLoop):
    host_type, bmc = PoweredHost, None

    def remedy(self):
        """The shipped playbook, with the part that it has as a comment."""
        self.bmc = Bmc(lambda: self.host.reset())
        shape = json.loads(playbook("host-cut-off", {
            "tiers": {0: {"timeout": "2m"}}, "verify": {"within": "4m", "hold": "5s", "interval": "1s"}})[len("  - "):])
        shape["tiers"][0]["action"]["host_reboot"] |= {
            "without_drain": "allowed", "power": {"redfish": self.bmc.access(self.layout.conf)}}
        return f"  - {json.dumps(shape)}\n"

    def stop_far(self):
        if self.bmc:
            self.bmc.stop()
        if self.host:
            self.host.stop()


class ASilentHostIsReset(ARebootIsApproved):
    @classmethod
    def make_loop(cls, *arguments):
        loop = SilentHostLoop(*arguments)
        loop.links = TwoLinks.or_skip()
        cls.addClassCleanup(loop.links.leave)
        cls.addClassCleanup(loop.stop_far)
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loop.host.hang()
        cls.asked = wait_for(cls.question, DETECTION + 60, "no person is asked")
        cls.meanwhile = cls.loop.bmc.resets()
        cls.incident = cls.approved(cls.asked, 400)

    def test_it_was_reset_once_and_only_at_a_persons_word(self):
        self.assertEqual("recovered", self.incident["state"], self.incident["reason"])
        self.assertEqual([], self.meanwhile)
        self.assertEqual(["ForceRestart"], self.loop.bmc.resets())
        self.assertEqual(2, self.loop.host.starts)
        self.assertEqual({"ExporterDown"}, {alert["name"] for alert in self.incident["alerts"]})

    def test_the_proof_is_its_own_uptime(self):
        (proof,) = [event["evidence"] for event in events(self.incident, "confirm_answered") if event["answer"] == "applied"]
        self.assertRegex(proof, r"boot [0-9a-f-]{36}, up for \d+ s, \d+ s after the plan")
        self.assertEqual([1], [value for _, value in self.loop.prometheus.query(f'up{{host="{NAME}"}}')])

    def test_nothing_was_handed_over_which_the_playbook_allows(self):
        self.assertEqual("", self.loop.drains.read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
