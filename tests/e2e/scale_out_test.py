"""M2: a collector gets more than it can take, and its success falls; one more instance runs and the success is back;
when the load is less again, the instance is taken back."""
import unittest

from loop.drill import events
from loop.layout import HOST
from loop.processes import wait_for

from intake import INSTANCE_RATE, TEMPLATE, Intake
from shipped import SHORT_HOLD, playbook, promql
from story import applied
from temporary_change import DETECTION, RemedyLoop, TemporaryChange

RATIO = f'collector:success:ratio_rate20s{{collector="intake",host="{HOST}"}}'
# By its whole path: another run of this test may be beside it.
PROCESS = "process: {command_line: '@worker@'}"

EXPORTER = f"""\
collectors:
  - name: intake
    {PROCESS}
    success: {{json: {{file: @report@, successes: [/taken], failures: [/lost]}}}}
"""

LOAD = 'rate(collector_attempts_total{collector="{{ target.name }}",host="{{ target.host }}"}[20s])'


class IntakeLoop(RemedyLoop):
    intake = None

    def configure(self):
        self.playbook = playbook("success-low", {"tiers": {0: {
            "action": {"scale_out": {"unit": TEMPLATE, "max": 3}},
            "lease": {"until": SHORT_HOLD | {"hold": "10s", "checks": promql(LOAD, f"< {INSTANCE_RATE * 0.6}")}}}}})
        super().configure()
        worker = str(self.intake.worker)
        self.replace_in("exporter.yml", "collectors:\n",
                        EXPORTER.replace("@report@", str(self.intake.report)).replace("@worker@", worker))
        self.replace_in("remediator.yml", "    collectors:\n",
                        f"    collectors:\n      - {{name: intake, {PROCESS.replace('@worker@', worker)}}}\n")

    def start_remediator(self, environment=None):
        """The instances are of the container's systemd."""
        argv = [self.programs.remediator, f"--config.file={self.layout.conf}/remediator.yml"]
        self.processes.start("remediator", self.intake.host.with_its_bus(argv),
                             lambda: self.remediator.answers("/-/ready"), environment=environment)


class OneMoreInstanceRuns(TemporaryChange):
    @classmethod
    def make_loop(cls, layout, *arguments):
        loop = IntakeLoop(layout, *arguments)
        cls.intake = loop.intake = Intake(layout.state / "intake")
        cls.addClassCleanup(cls.intake.stop)
        return loop

    def success(self):
        """As Prometheus has it; None while it has none."""
        found = self.loop.prometheus.query(RATIO)
        return found[0][1] if found else None

    def fails(self):
        success = self.success()
        return success is not None and success < 0.95

    def test_success_falls_one_more_instance_runs_and_goes_when_the_load_does(self):
        wait_for(lambda: self.success() == 1, 60, lambda: f"it is not well to begin with: {self.success()}")
        self.assertEqual(["active", "inactive", "inactive"], self.intake.states(3))

        self.intake.rate = INSTANCE_RATE * 1.6
        wait_for(self.fails, 60, lambda: f"the success does not fall: {self.success()}")
        incident = self.only_incident(DETECTION + 180)
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual(1, applied(incident))
        (made,) = events(incident, "plan_made")
        self.assertEqual("scale intake@.service from 1 to 2 of at most 3: start intake@2.service",
                         made["plan"]["summary"])
        self.assertEqual(["active", "active", "inactive"], self.intake.states(3))
        self.assertGreaterEqual(self.success(), 0.95)
        self.assertEqual([f"host/{HOST}/scale/intake@.service"], [lease["resource"] for lease in self.leases()])
        wait_for(lambda: len(self.told_about(incident)) >= 2, 15, lambda: f"told only: {self.loop.people.since(0)}")

        # One instance takes it all again, which is what the lease waits for.
        self.intake.rate = INSTANCE_RATE / 4
        self.assert_undone_once(self.wait_until_undone(120))
        self.assertEqual(["active", "inactive", "inactive"], self.intake.states(3))
        wait_for(lambda: self.success() == 1, 60, lambda: f"the success is gone: {self.success()}")
        self.assertEqual(1, len(self.loop.remediator.incidents()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
