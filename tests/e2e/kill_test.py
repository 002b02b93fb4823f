"""The remediator is killed at any moment: what it acknowledged is there afterwards. What it began is
crash_matrix_test.py's."""
import unittest
from threading import Event, Thread

from loop.processes import wait_for

from lone_remediator import LoneRemediator
from webhooks import DOWN, alert, webhook

KILLS = 5
ACKNOWLEDGED = 20  # alerts between two kills


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


if __name__ == "__main__":
    unittest.main(verbosity=2)
