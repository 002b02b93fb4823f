"""A killed collector comes back, once, provably by the remediator; people and metrics say so. In the
same run: every query of rules and dashboards names series that exist live."""
import os
import subprocess
import unittest

from loop.api import NoAnswer
from loop.drill import Drill, events
from loop.layout import REPOSITORY
from loop.processes import wait_for

from story import LoopStory, applied, metric

WATCHDOG = "fieldmedic_watchdog_last_seen_timestamp_seconds"


class KilledCollectorComesBack(LoopStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.starts_before = cls.starts_of_orders()
        cls.drill = Drill(cls.loop)
        cls.drill.run()  # kills it, and proves who brought it back
        cls.incident = cls.drill.incident

    def test_it_recovered_by_exactly_one_apply(self):
        self.assertEqual("recovered", self.incident["state"])
        self.assertEqual(1, applied(self.incident))
        self.assertEqual(["done"], [e["outcome"] for e in events(self.incident, "apply_finished")])
        wait_for(lambda: self.starts_of_orders() > self.starts_before, 15, "the collector's log names no start")
        self.assertEqual(self.starts_before + 1, self.starts_of_orders())
        self.assertEqual(1, len(self.incidents_on_orders()))

    def test_the_new_process_carries_the_attempt(self):
        living = self.loop.pipeline.orders.identity()
        self.assertEqual(events(self.incident, "apply_intended")[0]["attempt"], living.variable("FIELDMEDIC_ATTEMPT"))

    def test_people_were_told_on_both_channels_once(self):
        wait_for(lambda: len(self.told_about(self.incident)) >= 2, 15, lambda: f"told only: {self.loop.people.since(0)}")
        told = self.told_about(self.incident)
        self.assertEqual(["sms", "wecom"], sorted(channel for channel, _ in told))
        for _, text in told:
            self.assertIn(self.incident["target"], text)

    def test_records_flow_on(self):
        stored = self.loop.pipeline.stored()
        wait_for(lambda: self.loop.pipeline.stored() > stored + 20, 30, "the archive's file does not grow")

    def test_the_metrics_count_it(self):
        page = self.loop.remediator.get("/metrics")
        for name, labels in (("fieldmedic_incidents_ended_total", {"outcome": "recovered"}),
                             ("fieldmedic_time_to_recover_seconds_count", {}),
                             ("fieldmedic_time_to_recover_seconds_bucket", {"le": "+Inf"}),
                             ("fieldmedic_actions_total", {"action": "process_restart", "outcome": "done"})):
            self.assertEqual(1, metric(page, name, **labels), name)
        for outcome in ("handed_over", "cancelled"):
            self.assertEqual(0, metric(page, "fieldmedic_incidents_ended_total", outcome=outcome))
        took = metric(page, "fieldmedic_time_to_recover_seconds_sum")
        self.assertAlmostEqual(self.incident["took_seconds"], took, places=2)

    def test_promtool_accepts_the_remediators_metrics(self):
        answer = subprocess.run(["promtool", "check", "metrics"], input=self.loop.remediator.get("/metrics"),
                                capture_output=True, text=True, timeout=30)
        self.assertEqual((0, ""), (answer.returncode, answer.stdout + answer.stderr))

    def test_every_query_names_live_series(self):
        def watchdog_was_seen():
            try:
                return WATCHDOG in self.loop.remediator.get("/metrics")
            except NoAnswer:
                return False

        wait_for(watchdog_was_seen, 90, "no Watchdog came in")
        scrapes = []
        for server in ("exporter", "remediator", "prometheus", "alertmanager"):
            scrapes.append(self.folder / f"{server}.prom")
            scrapes[-1].write_text(getattr(self.loop, server).get("/metrics"), encoding="utf-8")
        answer = subprocess.run(["/usr/bin/python3", "-B", REPOSITORY / "tests/rules/check.py", "series", *scrapes],
                                capture_output=True, text=True, timeout=60, env=os.environ)
        self.assertEqual((0, "ok: series\n"), (answer.returncode, answer.stdout), answer.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
