"""Kills the collector and watches the loop bring it back. Counts only what is proved."""
import os
import re
import signal
import time

from .api import NoAnswer
from .layout import HOST, Refused
from .people import one_line
from .processes import wait_for
from .timeline import Timeline, seconds

TARGET = f"collector/orders@{HOST}"
ALERT = f'ALERTS{{alertname="CollectorDown",alertstate="firing",collector="orders",host="{HOST}"}}'
UP = f'collector_up{{collector="orders",host="{HOST}"}}'
PATIENCE = 120  # seconds from the kill to the end of the incident


class Drill:
    """One kill. run() returns the seconds from the kill to the proof, or raises Refused."""

    def __init__(self, loop):
        self.loop = loop
        self.orders = loop.pipeline.orders
        self.timeline = None
        self.proof = ""

    def run(self):
        victim = self.orders.identity()
        if not victim:
            raise Refused("collector orders does not run; there is nothing to kill")
        before = {incident["id"] for incident in self.loop.remediator.incidents()}
        stored = self.loop.pipeline.stored()
        self.killed_at, self.killed_boottime = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
        os.kill(victim.pid, signal.SIGKILL)
        self.timeline = Timeline(self.killed_at, f"SIGKILL to pid {victim.pid}")
        self.state = "no incident on the collector was opened"
        incident = wait_for(lambda: self._ended_incident(before), PATIENCE, lambda: self.state)
        self.incident = incident
        self._tell_incident(incident)
        self._tell_prometheus()
        if incident["state"] != "recovered":
            raise Refused(f"incident {incident['id']} ended as {incident['state']}: {reason(incident)}")
        wait_for(lambda: self._told(incident), 15, "the stand-in for WeCom and SMS was not told")
        self.proof = self._prove(incident, victim)
        wait_for(lambda: self.loop.pipeline.stored() > stored, 15, "no order reached the archive afterwards")
        missing = self.timeline.missing()
        if missing:
            raise Refused("did not happen: " + ", ".join(missing))
        return self.timeline.moments["verified"].at - self.killed_at

    def _ended_incident(self, before):
        self.orders.identity()  # reaps the killed process
        self.loop.require_all_parts()
        try:
            ours = [i for i in self.loop.remediator.incidents() if i["id"] not in before and i["target"] == TARGET]
            if not ours:
                return None
            incident = self.loop.remediator.incident(ours[0]["id"])
        except NoAnswer as failure:
            self.state = str(failure)
            return None
        self.state = f"incident {incident['id']} is still {incident['state']}: {reason(incident)}"
        return incident if incident["state"] in ("recovered", "handed_over", "cancelled") else None

    def _tell_incident(self, incident):
        for step, event in (("webhook", "alert_received"), ("planned", "plan_made"), ("verified", "recovered")):
            self._tell(step, incident, first(incident, event))
        # A plan may have several steps (stop, clear, start); it is applied when the last one is.
        self._tell("applied", incident, (events(incident, "apply_finished") or [None])[-1])

    def _tell(self, step, incident, event):
        if event:
            words = words_of(event)
            self.timeline.add(step, at(event), f"{event['event']} of incident {incident['id']}"
                              + (f": {words}" if words else ""))

    def _tell_prometheus(self):
        for step, selector, wanted, words in (("scraped", UP, 0, "Prometheus' sample: collector_up is 0"),
                                              ("alert fired", ALERT, 1, "Prometheus' rule: CollectorDown")):
            samples = [moment for _, values in self.loop.prometheus.samples(f"{selector}[5m]")
                       for moment, value in values if value == wanted and moment >= self.killed_at]
            if samples:
                self.timeline.add(step, min(samples), words)

    def _told(self, incident):
        told = self.loop.people.since(at(first(incident, "recovered")))
        if told:
            moment, channel, text = told[0]
            self.timeline.add("told", moment, f"{channel}: {one_line(text, 60)}")
        return told

    def _prove(self, incident, victim):
        """That this incident's own action started the process that runs now; Refused when it did not."""
        living = self.orders.identity()
        if not living or living == victim:
            raise Refused("the collector does not run")
        applied = [e for e in events(incident, "apply_finished") if e.get("outcome") == "done"
                   and {living.pid, living.start_ticks} <= numbers(e.get("evidence", ""))]
        if not applied:
            raise Refused(f"no apply event of incident {incident['id']} names the living process "
                          f"(pid {living.pid}, start time {living.start_ticks}): something else restarted it")
        attempt = applied[-1].get("attempt")
        if not attempt or living.variable("FIELDMEDIC_ATTEMPT") != attempt:
            raise Refused(f"pid {living.pid} does not carry FIELDMEDIC_ATTEMPT={attempt}: something else restarted it")
        # Start times are in clock ticks, cut off: one tick of tolerance.
        if living.started_boottime() + 1 / os.sysconf("SC_CLK_TCK") < self.killed_boottime:
            raise Refused(f"pid {living.pid} is older than the kill")
        return (f"pid {living.pid}, start time {living.start_ticks}, as the apply event says; "
                f"carries FIELDMEDIC_ATTEMPT={attempt}")

    def reaction(self):
        """Seconds from the journal's first word of the alert to its intent to act, or None."""
        received, intended = (first(self.incident, e) for e in ("alert_received", "apply_intended"))
        return at(intended) - at(received) if received and intended else None


def events(incident, name):
    return [event for event in incident.get("timeline", []) if event.get("event") == name]


def first(incident, name):
    return next(iter(events(incident, name)), None)


def at(event):
    """Wall time of an event; its `at` is the journal's logical time, which never goes back."""
    return seconds(event.get("wall") or event["at"])


def numbers(text):
    return {int(digits) for digits in re.findall(r"\d+", text)}


def words_of(event):
    plan = event.get("plan")
    return event.get("reason") or event.get("evidence") or (plan.get("summary") if isinstance(plan, dict) else "")


def reason(incident):
    """The last words of an incident's timeline."""
    for event in reversed(incident.get("timeline", [])):
        if words_of(event):
            return f"{event['event']}: {words_of(event)}"
    return "no reason was given"
