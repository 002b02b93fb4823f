"""No room for the journal: nothing is taken and nothing is done, a person hears of it; with room again
everything goes on by itself."""
import time
import unittest

from loop.api import NoAnswer
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from small_disk import mount, unmount
from story import applied
from webhooks import DOWN, alert, webhook


def fill(path):
    """Until not one byte more fits."""
    with open(path, "wb", buffering=0) as ballast:
        for size in (65536, 1):
            try:
                while True:
                    ballast.write(b"b" * size)
            except OSError:
                continue


class FullDisk(LoneRemediator):
    def setUp(self):
        super().setUp()
        mount(self.layout.data)
        self.addCleanup(unmount, self.layout.data)
        self.addCleanup(self.processes.stop_all)  # before that

    def test_nothing_is_done_without_a_record_and_it_recovers_by_itself(self):
        self.start()
        ballast = self.layout.data / "ballast"
        fill(ballast)
        self.refuse_until_nothing_fits()
        firing = alert()
        self.assertEqual(503, self.post(webhook(firing))[0])
        self.prove_it_stays_unwritable(firing)

        ballast.unlink()
        wait_for(lambda: self.remediator.answers("/-/ready"), 15, "it is not ready though there is room")
        self.assertEqual(1, self.metric("fieldmedic_journal_writable"))
        self.assertIn("the journal can be written again", self.log())
        self.assertEqual(200, self.post(webhook(firing))[0])  # Alertmanager comes again after a 5xx
        incident = self.only_incident()
        self.assertEqual(("recovered", 1), (incident["state"], applied(incident)))
        self.restart()
        self.assertEqual("recovered", self.only_incident()["state"])

    def refuse_until_nothing_fits(self):
        """The log of the journal may have room of its own left."""
        def refused():
            other = alert(DOWN | {"alertname": "Other"})
            status, text = self.post(webhook(other))
            self.assertIn(status, (200, 503), text)
            return status == 503

        wait_for(refused, 30, "the disk never became full", every=0)

    def prove_it_stays_unwritable(self, firing):
        """Over several of its own tries."""
        refusals = self.metric("fieldmedic_journal_refusals_total")
        deadline = time.monotonic() + 60
        while self.metric("fieldmedic_journal_refusals_total") < refusals + 3:
            self.assertLess(time.monotonic(), deadline, "it does not try again")
            self.assertEqual(0, self.metric("fieldmedic_journal_writable"))
            with self.assertRaisesRegex(NoAnswer, "HTTP 503: .*the journal cannot be written now"):
                self.remediator.get("/-/ready")
            self.assertEqual(503, self.post(webhook(firing))[0])
            self.assert_nothing_was_done()
        self.assertTrue(self.remediator.answers("/-/healthy"))
        wait_for(lambda: len(self.people.since(0)) >= 2, 15, "people were not told")
        self.assertEqual(["sms", "wecom"], sorted(channel for _, channel, _ in self.people.since(0)), "once")
        for _, _, text in self.people.since(0):
            self.assertIn("the journal refuses to be written", text)
        self.assertEqual(1, self.log().count("the journal refuses to be written"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
