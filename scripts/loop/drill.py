"""Kills the collector and watches the loop bring it back. Counts only what is proved."""
import os
import re
import signal
import time

from .api import NoAnswer
from .layout import HOST, Refused
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
        name = f"incident {incident['id']}"
        for step, event in (("webhook", "alert_received"), ("planned", "plan_made"),
                            ("applied", "apply_finished"), ("verified", "recovered")):
            found = first(incident, event)
            if found:
                words = found.get("reason") or found.get("evidence") or found.get("summary") or ""
                self.timeline.add(step, seconds(found["at"]), f"{event} of {name}" + (f": {words}" if words else ""))

    def _tell_prometheus(self):
        for step, selector, wanted, words in (("scraped", UP, 0, "Prometheus' sample: collector_up is 0"),
                                              ("alert fired", ALERT, 1, "Prometheus' rule: CollectorDown")):
            samples = [at for _, values in self.loop.prometheus.samples(f"{selector}[5m]")
                       for at, value in values if value == wanted and at >= self.killed_at]
            if samples:
                self.timeline.add(step, min(samples), words)

    def _told(self, incident):
        ended = seconds(first(incident, "recovered")["at"])
        told = self.loop.people.since(ended)
        if told:
            at, channel, text = told[0]
            self.timeline.add("told", at, f"{channel}: {text.splitlines()[0][:100]}")
        return told

    def _prove(self, incident, victim):
        """That this incident's own action started the process that runs now; Refused when it did not."""
        applied = first(incident, "apply_finished")
        if not applied:
            raise Refused(f"incident {incident['id']} recovered without an action of ours: something else restarted it")
        living = self.orders.identity()
        if not living or living == victim:
            raise Refused("the collector does not run")
        attempt = applied.get("attempt", "")
        numbers = {int(n) for n in re.findall(r"\d+", str(applied.get("evidence", "")))}
        if not {living.pid, living.start_ticks} <= numbers:
            raise Refused(f"the apply event ({applied.get('evidence')}) does not name the living process "
                          f"(pid {living.pid}, start time {living.start_ticks}): something else restarted it")
        if not attempt or living.variable("FIELDMEDIC_ATTEMPT") != attempt:
            raise Refused(f"pid {living.pid} does not carry FIELDMEDIC_ATTEMPT={attempt}: something else restarted it")
        # Start times are in clock ticks, cut off: one tick of tolerance.
        if living.started_boottime() + 1 / os.sysconf("SC_CLK_TCK") < self.killed_boottime:
            raise Refused(f"pid {living.pid} is older than the kill")
        return (f"pid {living.pid}, start time {living.start_ticks}, as the apply event says; "
                f"carries FIELDMEDIC_ATTEMPT={attempt}")


def first(incident, event):
    return next((e for e in incident.get("timeline", []) if e.get("event") == event), None)


def reason(incident):
    """The last words of an incident's timeline."""
    for event in reversed(incident.get("timeline", [])):
        words = event.get("reason") or event.get("evidence")
        if words:
            return f"{event['event']}: {words}"
    return "no reason was given"
