"""Alertmanager is killed while an incident is open: the incident recovers by what the checks see, not by
what the alert says. Alertmanager comes back without its memory and repeats itself; nothing else is."""
import json
import os
import signal
import unittest

from loop.processes import wait_for

from story import LoopStory, applied, metric
from webhooks import alert, post


class AlertmanagerIsAway(LoopStory):
    def test_the_incident_recovers_by_its_checks_and_nothing_is_repeated(self):
        starts = self.starts_of_orders()
        os.kill(self.loop.pipeline.orders.identity().pid, signal.SIGKILL)
        number = self.new_incident()  # so the webhook arrived
        os.kill(self.loop.processes.pid("alertmanager"), signal.SIGKILL)
        self.loop.processes.stop("alertmanager")

        incident = self.end_of(number)
        self.assertEqual("recovered", incident["state"])
        self.assertEqual(["firing"], [known["status"] for known in incident["alerts"]], "its end was never told")
        self.assertEqual(1, applied(incident))
        living = self.loop.pipeline.orders.identity()

        repeats = self.repeats()
        self.loop.start_alertmanager()
        self.post_the_same_occurrence(incident)
        wait_for(lambda: self.repeats() > repeats, 60, "the remediator does not see the occurrence again")
        self.assertEqual([number], [i["id"] for i in self.incidents_on_orders()])
        self.assertEqual(1, applied(self.loop.remediator.incident(number)))
        self.assertEqual(living, self.loop.pipeline.orders.identity())
        self.assertEqual(starts + 1, self.starts_of_orders())

    def repeats(self):
        page = self.loop.remediator.get("/metrics")
        return metric(page, "fieldmedic_alerts_ignored_total", reason="already_used")

    def post_the_same_occurrence(self, incident):
        """As a Prometheus does that still sees the fault: the same labels since the same time."""
        known = alert(incident["labels"], startsAt=incident["alerts"][0]["starts_at"])
        body = json.dumps([{name: known[name] for name in ("labels", "startsAt")}]).encode()
        self.assertEqual(200, post(self.loop.alertmanager, body, "/api/v2/alerts")[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
