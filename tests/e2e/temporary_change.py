"""What the stories of temporary changes share: a loop with a playbook more, the one incident that it serves, and
the count of the records."""
import re
from collections import Counter

from loop.api import NoAnswer
from loop.config import replace
from loop.drill import events
from loop.loop import Loop
from loop.processes import wait_for

from story import LoopStory, is_over, metric

ORDER = re.compile(rb"order=(\d+) ")
DETECTION = 90  # seconds from a fault to the webhook, on a busy machine


class RemedyLoop(Loop):
    """`playbook` is the text of one, as it stands in remediator.yml."""

    playbook = ""

    def configure(self):
        super().configure()
        # First, since the loop's own serves every collector that is down.
        self.replace_in("remediator.yml", "\nplaybooks:\n", f"\nplaybooks:\n{self.playbook}")

    def replace_in(self, name, old, new):
        path = self.layout.conf / name
        path.write_text(replace(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")


class TemporaryChange(LoopStory):
    @classmethod
    def only_incident(cls, seconds):
        """With its timeline, once it is over; there must be no other."""
        def over():
            try:
                found = cls.loop.remediator.incidents()
                if len(found) > 1:
                    raise AssertionError(f"more than one incident: {found}")
                return found and is_over(found[0]) and cls.loop.remediator.incident(found[0]["id"])
            except NoAnswer:
                return None

        return wait_for(over, seconds, lambda: f"no incident is over: {cls.loop.remediator.incidents()}")

    @classmethod
    def leases(cls):
        return cls.loop.remediator.json("/api/v1/leases")["leases"]

    @classmethod
    def wait_until_undone(cls, seconds):
        """The leases are gone, and not by a person's hand; the incident with what happened since."""
        def gone():
            left = cls.leases()
            if any(lease["state"] == "handed_over" for lease in left):
                raise AssertionError(f"a person would have to undo it: {left}")
            return not left

        wait_for(gone, seconds, lambda: f"not undone: {cls.leases()}")
        return cls.loop.remediator.incident(cls.loop.remediator.incidents()[0]["id"])

    @classmethod
    def stop_and_drain(cls, files, seconds=60):
        """Ends the writing of orders, and waits until the last one lies in one of the files."""
        generator = cls.loop.pipeline.generator
        generator.stop()
        wait_for(lambda: generator.written in orders_in(files()), seconds,
                 lambda: f"order {generator.written} did not reach the archive")
        return generator.written

    def assert_undone_once(self, incident):
        self.assertEqual(["until_held"], [e["how"] for e in events(incident, "lease_ended")])
        self.assertEqual(1, len(events(incident, "undone")))
        page = self.loop.remediator.get("/metrics")
        self.assertEqual(1, metric(page, "fieldmedic_undos_total", outcome="undone"))

    def assert_each_order_once(self, files, written):
        counts = orders_in(files)
        self.assertEqual([], [n for n in range(1, written + 1) if counts[n] == 0], "orders that were lost")
        self.assertEqual({}, {n: times for n, times in counts.items() if times > 1}, "orders that were stored twice")
        self.assertEqual(written, len(counts))


def orders_in(files):
    """How often each order lies in the files, by its number."""
    return Counter(int(n) for path in files for n in ORDER.findall(path.read_bytes()))
