"""What the end-to-end stories share: a state folder of their own, the whole loop in it, and questions
about incidents. Ports are free ones; only processes of that state are ever ended."""
import os
import re
import tempfile
import unittest
from pathlib import Path

from loop.api import NoAnswer
from loop.config import Limits
from loop.drill import events
from loop.layout import Layout, Programs
from loop.loop import Loop
from loop.ports import Ports
from loop.processes import tail, wait_for

SANITIZER = re.compile(r"[^\n]*(?:Sanitizer:|: runtime error: )")
PATIENCE = 60  # seconds that an incident may take on a busy machine


def programs():
    return Programs.built_in(os.environ["FIELDMEDIC_BIN"])


def is_over(incident):
    return incident["state"] in ("recovered", "handed_over", "cancelled")


def applied(incident):
    """How often something was done, by the intents in its timeline."""
    return len(events(incident, "apply_intended"))


def metric(page, name, **labels):
    """The value of one series in an exposition page, or None."""
    for line in page.splitlines():
        series, _, value = line.rpartition(" ")
        if (series == name or series.startswith(name + "{")) and all(
                f'{label}="{text}"' in series for label, text in labels.items()):
            return float(value)
    return None


class Story(unittest.TestCase):
    """One folder a class; when a test fails, the ends of all logs in it are printed. What a sanitizer says
    in a log, at the end of a daemon too, is a failure."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fieldmedic-e2e-")))
        cls.addClassCleanup(cls.read_sanitizers)

    @classmethod
    def read_sanitizers(cls):
        for log in cls.folder.glob("**/log/*.log"):
            text = log.read_text(errors="replace")
            if SANITIZER.search(text):
                raise AssertionError(f"{log}:\n{text[SANITIZER.search(text).start():][:10_000]}")

    def run(self, result=None):
        faults = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > faults:
            for log in sorted(self.folder.glob("**/log/*.log")):
                print(f"the end of {log}:\n{tail(log, 25)}\n", flush=True)


class LoopStory(Story):
    """The whole loop, green before the first test; the tests of one class share it."""

    limits = Limits()
    make_loop = Loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        layout = Layout(cls.folder / "state").make()
        cls.loop = cls.make_loop(layout, Ports.free(), cls.programs(layout), lambda *_: None, cls.limits)
        cls.addClassCleanup(cls.loop.stop)
        cls.loop.start()
        cls.loop.wait_until_green()

    @classmethod
    def programs(cls, _layout):
        return programs()

    @classmethod
    def incidents_on_orders(cls):
        """Newest first; empty while the remediator is away."""
        cls.loop.pipeline.orders.identity()  # reaps what was killed
        try:
            return [i for i in cls.loop.remediator.incidents() if i["about"].get("collector") == "orders"]
        except NoAnswer:
            return []

    @classmethod
    def new_incident(cls, seconds=PATIENCE):
        """The number of the only incident on orders, as soon as there is one."""
        (found,) = wait_for(cls.incidents_on_orders, seconds, "no incident on orders was opened")
        return found["id"]

    @classmethod
    def end_of(cls, number, seconds=PATIENCE):
        """The incident with its timeline, once it is over."""
        def over():
            known = [i for i in cls.incidents_on_orders() if i["id"] == number and is_over(i)]
            return cls.loop.remediator.incident(number) if known else None

        return wait_for(over, seconds, lambda: f"not over: {cls.incidents_on_orders()}")

    @classmethod
    def starts_of_orders(cls):
        """How often the collector was started, by its own log."""
        return cls.loop.pipeline.orders.log.read_text(errors="replace").count("] start")

    @classmethod
    def told_about(cls, incident):
        """The channels that told people how this incident ended, with the text of each."""
        return [(channel, text) for _, channel, text in cls.loop.people.since(0)
                if incident["reason"] in " ".join(text.split())]
