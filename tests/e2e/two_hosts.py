"""What the stories of a host that is rebooted share: a far host with an exporter, and a person who says yes."""
import os
import signal
from pathlib import Path

from rebooting_host import RebootingHost
from temporary_change import RemedyLoop, TemporaryChange
from two_links import FAR
from webhooks import post

NAME = "sh-01"  # as the shipped playbook matches
UNIT = """\
[Service]
ExecStart={exporter} --config.file={folder}/exporter.yml --web.listen-address={address} --web.config.file={folder}/web.yml
"""


class TwoHostLoop(RemedyLoop):
    links = host = None
    host_type = RebootingHost

    def remedy(self):
        """The playbook."""
        raise NotImplementedError

    def configure(self):
        shared = self.layout.state / "shared"
        shared.mkdir()
        self.drains = shared / "drains"
        self.drains.write_text("")
        self.playbook = self.remedy()
        super().configure()
        (shared / "exporter.yml").write_text("collectors: []\n")
        (shared / "web.yml").write_bytes(self.credentials.web_config.read_bytes())
        self.address = f"{FAR}:{self.ports.exporter}"
        unit = UNIT.format(exporter=self.programs.exporter, folder=shared, address=self.address)
        self.host = self.host_type.or_skip(shared, self.links.far_network(), {"fieldmedic-exporter.service": unit},
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
        # This host's own: the port alone may be another's, in another network.
        given = f"--config.file={self.layout.state / 'shared'}/exporter.yml".encode()
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdecimal() and given in (folder / "cmdline").read_bytes().split(b"\0"):
                    return os.kill(int(folder.name), signal.SIGSTOP)
            except OSError:
                continue  # it ended
        raise AssertionError("no exporter runs over there")


class ARebootIsApproved(TemporaryChange):
    @classmethod
    def question(cls):
        """The incident that waits for a person's word."""
        waiting = [cls.loop.remediator.incident(i["id"]) for i in cls.loop.remediator.incidents()]
        return next((incident for incident in waiting if incident.get("approval")), None)

    @classmethod
    def approved(cls, incident, seconds):
        """How it ended after a person's word."""
        answer = post(cls.loop.remediator, {"hash": incident["approval"]["hash"]},
                      path=f"/api/v1/incidents/{incident['id']}/approve")
        if answer[0] != 200:
            raise AssertionError(answer)
        return cls.only_incident(seconds)
