"""The remediator is killed at any moment: what it acknowledged is there afterwards, and what it began
comes to its end without being done twice."""
import contextlib
import signal
import unittest
from threading import Event, Thread

from loop.drill import events
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from story import applied, is_over
from webhooks import DOWN, alert, webhook

KILLS = 5
ACKNOWLEDGED = 20  # alerts between two kills

# Each place with how often the intent to start is recorded in all: again only where the first was not carried out.
PLACES = {"before_commit:alert_received": 1, "after_commit:alert_received": 1, "before_answer": 1, "after_plan": 1,
          "before_commit:apply_intended": 1, "after_commit:apply_intended": 2, "before_effect:apply": 2,
          "after_effect:apply": 1, "before_commit:apply_finished": 1, "after_confirm": 1,
          "before_commit:verifying_started": 1, "before_commit:message_queued": 1, "after_effect:deliver": 1}


class Stream:
    """Posts one alert after the other, each until it is acknowledged, as Alertmanager does."""

    def __init__(self, post):
        self.post = post
        self.acknowledged = []
        self.ending = Event()
        self.thread = Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ending.is_set():
            other = alert(DOWN | {"alertname": "Other"})
            while not self.ending.is_set():
                try:
                    if self.post(webhook(other))[0] == 200:
                        self.acknowledged.append(other["fingerprint"])
                        break
                except OSError:
                    self.ending.wait(0.01)  # it is away

    def stop(self):
        self.ending.set()
        self.thread.join()


class Killed(LoneRemediator):
    def test_every_acknowledged_alert_is_there(self):
        self.start()
        stream = Stream(self.post)
        self.addCleanup(stream.stop)
        for _ in range(KILLS):
            before = len(stream.acknowledged)
            wait_for(lambda: len(stream.acknowledged) >= before + ACKNOWLEDGED, 60, "webhooks are not taken", every=0)
            self.kill()
            self.start()
        stream.stop()
        self.processes.stop("remediator")
        kept = [event["key"]["fingerprint"] for event in self.recorded("alert_ignored")]
        self.assertEqual(set(), set(stream.acknowledged) - set(kept))
        self.assertEqual(len(kept), len(set(kept)), "recorded once")
        self.assertGreaterEqual(len(stream.acknowledged), KILLS * ACKNOWLEDGED)
        self.assertEqual(KILLS + 1, len(self.recorded("started")))

    def test_wherever_it_is_killed_the_collector_is_started_once(self):
        for place, intents in PLACES.items():
            with self.subTest(place):
                self.die_and_come_back(place, intents)
        self.assertEqual(len(PLACES), len(self.incidents()))

    def test_what_cannot_be_confirmed_is_never_done_twice(self):
        done = self.layout.state / "done"
        configuration = self.configuration()
        configuration["playbooks"][0]["tiers"] = [{"name": "own script", "timeout": "30s", "action": {"exec": {
            "argv": ["/bin/sh", "-c", f"echo done >> {done}"], "at_most_once": True}}}]
        self.configure(configuration)
        for place, lines in (("before_effect:apply", 0), ("after_effect:apply", 1)):
            with self.subTest(place):
                done.write_text("")
                before = self.known_incidents()
                self.die_at(place, alert())
                self.start()
                incident = self.end_of_the_one_after(before)
                self.assertEqual(("handed_over", 1), (incident["state"], applied(incident)))
                self.assertIn("cannot be confirmed and is never repeated", incident["reason"])
                self.assertEqual(lines, done.read_text().count("done"))

    def known_incidents(self):
        return {incident["id"] for incident in self.incidents()} if self.processes.started else set()

    def die_at(self, place, firing):
        self.processes.stop("remediator")
        self.start(environment={"FIELDMEDIC_CRASH_AT": place})
        with contextlib.suppress(OSError):  # it may die over the answer
            self.post(webhook(firing))
        wait_for(lambda: self.processes.ended() == ["remediator"], 30, f"the remediator did not come to {place}")
        self.assertEqual(-signal.SIGKILL, self.processes.exit_status("remediator"))
        self.processes.stop("remediator")

    def die_and_come_back(self, place, intents):
        before, told, firing = self.known_incidents(), len(self.people.since(0)), alert()
        self.orders.kill()
        self.die_at(place, firing)
        started = self.orders.processes()

        self.start()
        self.accept(firing)  # Alertmanager comes again
        incident = self.end_of_the_one_after(before)
        self.assertEqual(("recovered", intents), (incident["state"], applied(incident)), incident["reason"])
        (living,) = self.orders.processes()
        self.assertEqual(started or [living], [living])
        self.assertEqual(events(incident, "apply_intended")[-1]["attempt"], living.variable("FIELDMEDIC_ATTEMPT"))
        wait_for(lambda: len(self.people.since(0)) >= told + 2, 30, "people were not told")

    def end_of_the_one_after(self, before):
        def over():
            new = [i for i in self.incidents() if i["id"] not in before]
            self.assertEqual(1, len(new))
            return is_over(new[0]) and self.remediator.incident(new[0]["id"])

        return wait_for(over, 60, lambda: f"not over: {self.incidents()[0]}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
