"""The remediator reboots the host that it runs on: it ends with it, comes up with it, and proves by its journal and
another boot id that this is the reboot that it had ordered."""
import json
import unittest

from loop.api import NoAnswer
from loop.drill import at, events
from loop.layout import HOST
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from rebooting_host import RebootingHost
from story import applied, is_over, programs
from two_links import FAR, TwoLinks
from webhooks import alert

UNIT = """\
[Service]
ExecStart={program} --config.file={config}
StandardError=append:{log}
Restart=on-failure
"""
# Well until it is told to be sick, and from the next boot on.
ORDERS = """\
[Service]
RuntimeDirectory=orders
ExecStartPre=/bin/sh -c 'echo well > /run/orders/health'
ExecStart=/usr/bin/python3 -m http.server 8080 -d /run/orders
"""


class OwnHostIsRebooted(LoneRemediator):
    """The journal lies on a disk that outlives the reboot."""

    def setUp(self):
        links = TwoLinks.or_skip()
        self.addCleanup(links.leave)
        super().setUp()
        self.shared = self.layout.state / "shared"
        (self.shared / "log").mkdir(parents=True)
        self.drained = self.shared / "drained"
        self.journal = self.shared / "journal.db"
        config = self.shared / "remediator.yml"
        config.write_text(json.dumps(self.configuration(), indent=1))
        (self.shared / "web.yml").write_bytes(self.credentials.web_config.read_bytes())
        (self.shared / "wecom.key").write_text("stand-in-for-a-robot-key")
        program = programs().remediator
        self.host = RebootingHost.or_skip(
            self.shared, links.far_network(),
            {"fieldmedic-remediator.service": UNIT.format(program=program, config=config,
                                                          log=self.shared / "log/remediator.log"),
             "orders.service": ORDERS},
            [program])
        self.addCleanup(self.host.stop)
        self.remediator.base = f"http://{FAR}:{self.ports.remediator}"
        wait_for(lambda: self.remediator.answers("/-/ready"), 60, "the remediator does not come up")

    def configuration(self):
        configuration = super().configuration()
        configuration["listen"] = f"{FAR}:{self.ports.remediator}"
        (playbook,) = configuration["playbooks"]
        drain = ["/bin/sh", "-c", f'cat /proc/sys/kernel/random/boot_id >> {self.drained}']
        playbook["tiers"] = [{"name": "reboot", "timeout": "2m",
                              "action": {"host_reboot": {"drain": drain, "own_host": "allowed"}}}]
        playbook["verify"] |= {"within": "1m", "checks": [{"http": {"urls": [f"http://{FAR}:8080/health"]}}]}
        people = configuration["receivers"][0]["channels"]
        people[0]["wecom_robot"]["key_file"] = str(self.shared / "wecom.key")
        people.pop()
        return configuration

    def test_it_is_booted_once_and_the_incident_goes_on(self):
        self.host.path("/run/orders/health").unlink()
        self.accept(alert())

        def over():
            try:
                (incident,) = self.remediator.incidents()
            except NoAnswer:
                return None  # while it is down
            return is_over(incident) and self.remediator.incident(incident["id"])

        incident = wait_for(over, 90, "the incident does not end")
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual((2, 2), (self.host.starts, applied(incident)))  # the drain, the order
        self.assertEqual(1, len(self.drained.read_text().splitlines()))
        intent, proof = events(incident, "apply_intended")[1], events(incident, "confirm_answered")[-1]
        self.assertEqual("applied", proof["answer"])
        self.assertIn(f"before it was {self.drained.read_text().strip()}", proof["evidence"])
        self.assertEqual(intent["attempt"], proof["attempt"])
        self.assertEqual(intent["epoch"] + 1, proof["epoch"])  # it was away in between
        self.assertLess(at(intent), at(proof))


if __name__ == "__main__":
    unittest.main(verbosity=2)
