"""R2: the program in a container hangs up; the container's log is kept, the container restarted, and the collector
is up again by the exporter."""
import os
import subprocess
import unittest

from loop.drill import events
from loop.layout import HOST
from loop.processes import wait_for

from docker_host import DockerHost
from page import Page
from shipped import playbook
from story import applied
from temporary_change import DETECTION, RemedyLoop, TemporaryChange

# Told by its command line, which the host sees: another run of this test may be beside it. `mark` is there while it is well.
PROGRAM = f"busybox sleep {100_000 + os.getpid()}"
SCRIPT = f"echo begun; echo well > /shared/mark; trap 'exit 0' TERM; {PROGRAM} & wait"


class ContainerLoop(RemedyLoop):
    engine = page = None

    def configure(self):
        self.playbook = playbook("container-down", {"tiers": {0: {"action": {"container_restart": {"grace": "5s"}}}}})
        super().configure()
        self.replace_in("exporter.yml", "collectors:\n", "collectors:\n  - {name: gateway, process: {command_line: "
                        f"'^{PROGRAM}'}}}}\n")
        self.replace_in("remediator.yml", "    collectors:\n", f"    collectors:\n      - {{name: gateway, "
                        f"container: gateway, health: ['{self.page.url}/health']}}\n")
        self.replace_in("remediator.yml", "groups:\n", f"container_engine: {{socket: {self.engine.socket}, "
                        f"evidence: {self.layout.data}/containers}}\ngroups:\n")


class AContainerIsRestarted(TemporaryChange):
    @classmethod
    def make_loop(cls, layout, *arguments):
        loop = ContainerLoop(layout, *arguments)
        loop.engine = DockerHost.or_skip()
        cls.addClassCleanup(loop.engine.stop)
        cls.shared = layout.state / "shared"
        cls.shared.mkdir()
        loop.page = Page(lambda *_: (200 if (cls.shared / "mark").exists() else 503, b""))
        cls.addClassCleanup(loop.page.stop)
        loop.engine.run_container("gateway", SCRIPT, "-v", f"{cls.shared}:/shared")
        wait_for((cls.shared / "mark").exists, 30, "the container does not run")
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wait_for(lambda: cls.loop.prometheus.query(f'collector_up{{collector="gateway",host="{HOST}"}} == 1'), 60,
                 "Prometheus has not seen the collector up")
        cls.started = cls.inspect("{{.State.StartedAt}}")
        (cls.shared / "mark").unlink()
        subprocess.run(["pkill", "-KILL", "-f", "-x", PROGRAM], check=True, timeout=30)
        cls.incident = cls.only_incident(DETECTION + 120)

    @classmethod
    def inspect(cls, what):
        return cls.loop.engine.run("inspect", "-f", what, "gateway").stdout.strip()

    def test_it_was_restarted_once_and_is_up_by_the_exporter(self):
        self.assertEqual("recovered", self.incident["state"], self.incident["reason"])
        self.assertEqual({"CollectorDown"}, {alert["name"] for alert in self.incident["alerts"]})
        self.assertEqual({"done"}, {event["outcome"] for event in events(self.incident, "apply_finished")})
        self.assertEqual(2, applied(self.incident))  # the log, the restart
        self.assertEqual("true", self.inspect("{{.State.Running}}"))
        self.assertNotEqual(self.started, self.inspect("{{.State.StartedAt}}"))
        wait_for(lambda: self.loop.prometheus.query(f'collector_up{{collector="gateway",host="{HOST}"}} == 1'), 60,
                 "Prometheus does not see it up again")

    def test_what_it_said_before_is_kept(self):
        kept = list((self.loop.layout.data / "containers").iterdir())
        self.assertIn("begun", "".join(path.read_text(errors="replace") for path in kept if path.is_file()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
