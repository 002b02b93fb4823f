"""The remediator is killed between its words and its deeds. After its restart the collector is healed, and
was started exactly once."""
import os
import signal
import unittest

from loop.config import Limits
from loop.drill import events
from loop.processes import wait_for

from story import LoopStory, applied


class RemediatorIsKilled(LoopStory):
    limits = Limits.for_drills()

    def setUp(self):
        self.loop.wait_until_green()
        self.starts = self.starts_of_orders()
        self.before = {i["id"] for i in self.incidents_on_orders()}

    def test_after_the_intent_and_before_the_apply(self):
        self.kill_the_collector_and_the_remediator_at("before_effect:apply")
        self.assertIsNone(self.loop.pipeline.orders.identity(), "nothing was done yet")
        incident = self.recovery_after_restart()
        self.assertEqual(2, len({e["epoch"] for e in incident["timeline"]}))
        first, second = events(incident, "apply_intended")
        self.assertNotEqual(first["attempt"], second["attempt"])
        self.assertEqual([second["attempt"]], [e["attempt"] for e in events(incident, "apply_finished")])
        self.prove_one_start_by(second["attempt"])

    def test_after_the_apply_and_before_its_result_is_known(self):
        self.kill_the_collector_and_the_remediator_at("after_effect:apply")
        started = self.loop.pipeline.orders.identity()
        self.assertIsNotNone(started, "it was started")
        incident = self.recovery_after_restart()
        self.assertEqual(1, applied(incident))
        self.assertEqual(["applied"], [e["answer"] for e in events(incident, "confirm_answered")])
        self.assertEqual(started, self.loop.pipeline.orders.identity())
        self.prove_one_start_by(events(incident, "apply_intended")[0]["attempt"])

    def kill_the_collector_and_the_remediator_at(self, place):
        self.loop.processes.stop("remediator")
        self.loop.start_remediator({"FIELDMEDIC_CRASH_AT": place})
        os.kill(self.loop.pipeline.orders.identity().pid, signal.SIGKILL)
        wait_for(self.remediator_has_ended, 60, f"the remediator did not come to {place}")
        self.assertEqual(-signal.SIGKILL, self.loop.processes.exit_status("remediator"))
        self.loop.processes.stop("remediator")

    def remediator_has_ended(self):
        self.loop.pipeline.orders.identity()  # reaps it: rsyslogd takes a zombie's pid file for a living one
        return "remediator" in self.loop.processes.ended()

    def recovery_after_restart(self):
        self.loop.start_remediator()
        (number,) = {i["id"] for i in self.incidents_on_orders()} - self.before
        incident = self.end_of(number)
        self.assertEqual("recovered", incident["state"], incident["reason"])
        return incident

    def prove_one_start_by(self, attempt):
        living = self.loop.pipeline.orders.identity()
        self.assertEqual(attempt, living.variable("FIELDMEDIC_ATTEMPT"))
        wait_for(lambda: self.starts_of_orders() > self.starts, 15, "the collector's log names no start")
        self.assertEqual(self.starts + 1, self.starts_of_orders())


if __name__ == "__main__":
    unittest.main(verbosity=2)
