"""R5: the file system that a storage service serves is gone while the service runs. The service is restarted by a real
systemd, and the mount is checked after it: it is one again, and answers."""
import os
import unittest

from loop.drill import events
from loop.layout import HOST
from loop.processes import wait_for

from shipped import playbook, shipped
from story import applied
from systemd_host import SystemdHost
from temporary_change import DETECTION, RemedyLoop, TemporaryChange

PROGRAM = f"/bin/sleep {100_000 + os.getpid()}"  # another run of this test may be beside it
MOUNT, DATA = "/srv/share", "/srv/share/exports"  # as the shipped playbook has it
UNIT = f"""\
[Service]
ExecStartPre=/bin/sh -c 'echo start >> /run/starts; mkdir -p {MOUNT}'
ExecStartPre=/bin/sh -c 'mountpoint -q {MOUNT} || mount -t tmpfs share {MOUNT}; mkdir -p {DATA}'
ExecStart={PROGRAM}
"""


def checks():
    """The shipped ones but that of a port, which would be the container's."""
    (found,) = [each for each in shipped()["playbooks"] if each["name"] == "storage-down"]
    return [check for check in found["verify"]["checks"] if "port" not in check]


class StorageLoop(RemedyLoop):
    """Exporter and remediator see the container's systemd, processes and mounts, as on a host of its own."""

    host = None

    def configure(self):
        self.playbook = playbook("storage-down", {"verify": {"hold": "3s", "checks": checks()}})
        super().configure()
        pattern = f"process: {{command_line: '^{PROGRAM}$'}}"
        exporter = self.layout.conf / "storage.yml"
        exporter.write_text(f"collectors: [{{name: share, {pattern}, storage: {{paths: [{DATA}]}}}}]\n")
        self.replace_in("remediator.yml", "    collectors:\n", "    collectors:\n      - {name: share, unit: share.service}\n")
        self.host = SystemdHost.or_skip(self.layout.state / "units", {"share.service": UNIT},
                                        [self.programs.exporter, self.layout.conf, self.layout.secrets])
        self.host.systemctl("start", "share.service")

    def start_exporter(self):
        """That of the host; the collectors of the loop itself are not watched in this story."""
        self.processes.start("exporter", [
            "/usr/bin/nsenter", "--target", str(self.host.leader), "--mount", "--pid", "--", self.programs.exporter,
            f"--config.file={self.layout.conf}/storage.yml", f"--web.listen-address=127.0.0.1:{self.ports.exporter}",
            f"--web.config.file={self.credentials.web_config}"], lambda: self.exporter.answers("/-/ready"))

    def start_remediator(self, environment=None):
        argv = [self.programs.remediator, f"--config.file={self.layout.conf}/remediator.yml",
                f"--path.procfs={self.host.path('/proc')}"]
        self.processes.start("remediator", self.host.with_its_bus(argv),
                             lambda: self.remediator.answers("/-/ready"), environment=environment)

    def not_green(self):
        seen = f'min(collector_storage_answers{{collector="share",host="{HOST}"}}) == 1'
        return [] if self.prometheus.query(seen) else ["Prometheus has not seen the storage answer"]


class AStorageServiceIsRestarted(TemporaryChange):
    @classmethod
    def make_loop(cls, *arguments):
        loop = StorageLoop(*arguments)
        cls.addClassCleanup(lambda: loop.host and loop.host.stop())
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        host = cls.loop.host
        host.path("/run/starts").write_text("")
        host.inside("/bin/umount", "--lazy", MOUNT)
        # Each check by itself sees that it is gone; the remediator asks until one fails.
        for check in checks():
            query = check["promql"]["query"].replace("{{ target.name }}", "share").replace("{{ target.host }}", HOST)
            wait_for(lambda: [value for _, value in cls.loop.prometheus.query(query)] == [0], 40, f"not 0: {query}", every=0.2)
        cls.incident = cls.only_incident(DETECTION + 180)

    def test_the_lost_file_system_started_it_and_one_restart_healed_it(self):
        self.assertEqual("recovered", self.incident["state"], self.incident["reason"])
        self.assertEqual({"CollectorStorageLost"}, {alert["name"] for alert in self.incident["alerts"]})
        self.assertEqual(["done"], [event["outcome"] for event in events(self.incident, "apply_finished")])
        self.assertEqual(1, applied(self.incident))
        self.assertEqual("start\n", self.loop.host.path("/run/starts").read_text())

    def test_the_mount_was_checked_before_and_after_it(self):
        rounds = [event["answers"] for event in events(self.incident, "checks_answered")]
        self.assertEqual("fail", rounds[0][0]["verdict"], rounds[0])
        self.assertEqual(["pass"], [answer["verdict"] for answer in rounds[-1]], rounds[-1])
        (confirmed,) = [event for event in events(self.incident, "confirm_answered") if event["answer"] == "applied"]
        self.assertIn(f"{MOUNT} is mounted and answers", confirmed["evidence"])
        wait_for(lambda: self.loop.host.path(DATA).is_dir(), 10, "the folder is not there")


if __name__ == "__main__":
    unittest.main(verbosity=2)
