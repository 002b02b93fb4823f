"""R3: a host answers its Prometheus no more, while SSH still does. At a person's word it hands over what it holds and is
rebooted over SSH, and is back by the first scrape of its exporter."""
import os
import signal
import unittest
from pathlib import Path

from loop.drill import events
from loop.processes import wait_for

from rebooting_host import RebootingHost
from shipped import playbook
from temporary_change import DETECTION, RemedyLoop, TemporaryChange
from two_links import FAR, TwoLinks
from webhooks import post

NAME = "sh-01"  # as the shipped playbook matches
UNIT = """\
[Service]
ExecStart={exporter} --config.file={folder}/exporter.yml --web.listen-address={address} --web.config.file={folder}/web.yml
"""


class TwoHostLoop(RemedyLoop):
    links = host = None

    def configure(self):
        shared = self.layout.state / "shared"
        shared.mkdir()
        self.drains = shared / "drains"
        self.drains.write_text("")
        self.playbook = playbook("host-cut-off", {
            "tiers": {0: {"timeout": "1m", "action": {"host_reboot": {
                "drain": ["/bin/sh", "-c", f"echo handed over >> {self.drains}"]}}}},
            "verify": {"within": "3m", "hold": "5s", "interval": "1s"}})
        super().configure()
        (shared / "exporter.yml").write_text("collectors: []\n")
        (shared / "web.yml").write_bytes(self.credentials.web_config.read_bytes())
        self.address = f"{FAR}:{self.ports.exporter}"
        unit = UNIT.format(exporter=self.programs.exporter, folder=shared, address=self.address)
        self.host = RebootingHost.or_skip(shared, self.links.far_network(), {"fieldmedic-exporter.service": unit},
                                          [self.programs.exporter])
        targets = self.layout.conf / "targets"
        targets.mkdir()
        (targets / "far.yml").write_text(f"- {{targets: ['{self.address}'], labels: {{host: {NAME}}}}}\n")
        self.replace_in("remediator.yml", "\nplaybooks:\n", f"\n  - name: shanghai\n    hosts: [{{name: {NAME}, reach: "
                        f"{self.host.access(FAR)}}}]\n    collectors: [{{name: feed}}]\nplaybooks:\n")

    def not_green(self):
        up = [value for _, value in self.prometheus.query(f'up{{host="{NAME}"}}')]
        return super().not_green() + ([] if up == [1] else [f"Prometheus does not reach {NAME}"])

    def freeze_exporter(self):
        """Whatever it is over there that keeps it from answering, a boot ends it."""
        listen = f"--web.listen-address={self.address}".encode()
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdecimal() and listen in (folder / "cmdline").read_bytes().split(b"\0"):
                    return os.kill(int(folder.name), signal.SIGSTOP)
            except OSError:
                continue  # it ended
        raise AssertionError("no exporter runs over there")


class AHostThatIsCutOffIsRebooted(TemporaryChange):
    @classmethod
    def make_loop(cls, *arguments):
        loop = TwoHostLoop(*arguments)
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
        answer = post(cls.loop.remediator, {"hash": cls.asked["approval"]["hash"]},
                      path=f"/api/v1/incidents/{cls.asked['id']}/approve")
        assert answer[0] == 200, answer
        cls.incident = cls.only_incident(240)

    @classmethod
    def question(cls):
        """The incident that waits for a person's word."""
        waiting = [cls.loop.remediator.incident(i["id"]) for i in cls.loop.remediator.incidents()]
        return next((incident for incident in waiting if incident.get("approval")), None)

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
