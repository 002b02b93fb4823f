"""A collector that cannot come back, its program is gone: a person gets it, with the reason, and nothing
is tried without end."""
import dataclasses
import os
import shutil
import signal
import unittest

from loop.drill import events
from loop.processes import wait_for
from loop.timeline import seconds

from story import LoopStory, applied, metric, programs
from webhooks import alert, webhook, post

FIRING = 'ALERTS{alertname="CollectorDown",alertstate="firing",collector="orders"}'


class CollectorCannotComeBack(LoopStory):
    @classmethod
    def programs(cls, layout):
        cls.program = layout.state / "rsyslogd"
        shutil.copy("/usr/sbin/rsyslogd", cls.program)
        return dataclasses.replace(programs(), rsyslogd=str(cls.program))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.unlink()
        os.kill(cls.loop.pipeline.orders.identity().pid, signal.SIGKILL)
        cls.incident = cls.end_of(cls.new_incident())

    def test_a_person_gets_it_with_the_reason(self):
        self.assertEqual("handed_over", self.incident["state"])
        self.assertIn(f"{self.program}: No such file or directory", self.incident["reason"])
        self.assertIn("restart the process", self.incident["reason"])
        wait_for(lambda: len(self.told_about(self.incident)) >= 2, 15, lambda: f"told only: {self.loop.people.since(0)}")
        self.assertEqual(["sms", "wecom"], sorted(channel for channel, _ in self.told_about(self.incident)))
        self.assertEqual(1, metric(self.loop.remediator.get("/metrics"), "fieldmedic_incidents_ended_total",
                                   outcome="handed_over"))

    def test_nothing_is_tried_without_end(self):
        (known,) = self.incident["alerts"]
        again = alert(self.incident["labels"], fingerprint=known["fingerprint"], startsAt=known["starts_at"])
        for _ in range(5):
            self.assertEqual(200, post(self.loop.remediator, webhook(again))[0])
        end = self.incident["timeline"][-1]
        wait_for(lambda: len(self.fired_since(end)) >= 2, 30, "the alert does not go on firing")
        (only,) = self.incidents_on_orders()
        after = self.loop.remediator.incident(only["id"])
        self.assertEqual((0, 1), (applied(after), len(events(after, "plan_requested"))))
        self.assertIsNone(self.loop.pipeline.orders.identity())

    def fired_since(self, event):
        """The evaluations after the incident's last event in which the alert still fired."""
        return [at for _, values in self.loop.prometheus.samples(f"{FIRING}[5m]") for at, _ in values
                if at > seconds(event["wall"])]


if __name__ == "__main__":
    unittest.main(verbosity=2)
