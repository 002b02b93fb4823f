"""The remediator dies at every named place that it passes on the way from an alert to its end, for each action:
an acknowledged alert is handled, an effect is had once, people are told. Run with one of its classes."""
import contextlib
import json
import re
import signal
import sys
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from loop.api import NoAnswer
from loop.drill import events
from loop.layout import Refused
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from page import Page
from sick_host import SickHost
from story import is_over
from systemd_host import SystemdHost
from webhooks import alert, webhook

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import kubernetes_api  # noqa: E402

PLACE = re.compile(r"^crash point (\S+)$", re.MULTILINE)
# Where all actions differ; what lies before and after is the same code for each.
OF_THE_ACTION = re.compile(r"effect:(plan|apply|confirm)|commit:(plan_made|apply_\w+|confirm_answered|verifying_started)")
SETTLED = 1.0  # seconds without news that say that nothing more is passed


class Matrix:
    """Each place is died at by a remediator of its own, over one journal that goes on growing. The counter gets a
    line from the effect itself."""

    places = re.compile("")  # those of a life that are tried
    required = ()

    def action(self):
        raise NotImplementedError

    def make_sick(self):
        self.orders.kill()

    def effects(self):
        return len(self.counter.read_text().splitlines())

    def judge(self, place, incident, effects):
        """Of a place where it died."""
        self.assertEqual(("recovered", 1), (incident["state"], effects), incident["reason"])

    def setUp(self):
        super().setUp()
        self.counter = self.layout.state / "effects"
        self.counter.write_text("")

    def configuration(self):
        configuration = super().configuration()
        (playbook,) = configuration["playbooks"]
        playbook["tiers"] = [{"name": "the action", "timeout": "30s", "action": self.action()}]
        playbook["verify"] |= {"hold": "50ms", "interval": "100ms"}
        configuration["receivers"][0]["channels"].pop()  # one is enough to be told
        return configuration

    def counting(self, then):
        """A command that has its effect counted and becomes another."""
        return ["/bin/sh", "-c", f'echo "$FIELDMEDIC_ATTEMPT" >> {self.counter}; {then}']

    def test_wherever_it_dies_nothing_is_lost_and_nothing_done_twice(self):
        places = self.passed_in_a_life()
        self.assertEqual(set(), set(self.required) - set(places), "a life does not pass them any more")
        begin, died = time.monotonic(), []
        for place in places:
            with self.subTest(place):
                if self.die_at_and_live_on(place):
                    died.append(place)
        print(f"{len(died)} places in {time.monotonic() - begin:.0f} s; not passed again: {set(places) - set(died)}")
        self.assertEqual(set(), set(self.required) - set(died), "it did not die there")

    def passed_in_a_life(self):
        """All of them, in order."""
        self.start(environment={"FIELDMEDIC_CRASH_AT": "?"})
        self.make_sick()
        self.accept(alert())
        incident = self.end_of_the_one_after(set())
        self.assertEqual("recovered", incident["state"], incident["reason"])
        size = [0, time.monotonic()]

        def missing():
            return {place for place in self.required if "#" not in place} - set(PLACE.findall(self.log()))

        def quiet():
            if len(self.log()) != size[0]:
                size[:] = len(self.log()), time.monotonic()
            return time.monotonic() - size[1] > SETTLED and not missing()

        wait_for(quiet, 30, lambda: f"it finds no end; a life does not pass any more: {missing()}")
        return [place for place in dict.fromkeys(PLACE.findall(self.log())) if self.places.search(place)]

    def die_at_and_live_on(self, place):
        """Whether it died there: what a life passes depends a little on its time."""
        before, told, firing = self.known_incidents(), len(self.people.since(0)), alert()
        self.processes.stop("remediator")
        self.counter.write_text("")
        self.make_sick()
        taken = self.dies_after_taking(place, firing)
        if self.processes.ended() == ["remediator"]:
            self.assertEqual(-signal.SIGKILL, self.processes.exit_status("remediator"))
        died = bool(self.processes.ended())
        self.processes.stop("remediator")
        self.start()
        if not taken:
            self.accept(firing)  # Alertmanager comes again, and only then
        incident = self.end_of_the_one_after(before)
        self.judge(place, incident, self.effects())
        wait_for(lambda: len(self.people.since(0)) > told, 30, "people were not told")
        return died

    def dies_after_taking(self, place, firing):
        """Whether the alert was acknowledged before."""
        taken = False
        with contextlib.suppress(OSError):  # it may die over the answer
            try:
                self.start(environment={"FIELDMEDIC_CRASH_AT": place})
            except Refused:
                if not self.processes.ended():
                    raise
                return False  # at its start
            taken = self.post(webhook(firing))[0] == 200
        quiet_since = [None]

        def ended_or_over():
            if self.processes.ended():
                return True
            with contextlib.suppress(NoAnswer, OSError):
                if self.incidents() and all(is_over(i) for i in self.incidents()) and not self.leases():
                    quiet_since[0] = quiet_since[0] or time.monotonic()
            # A place that every life passes is waited for.
            return place not in self.required and quiet_since[0] and time.monotonic() - quiet_since[0] > 2 * SETTLED

        wait_for(ended_or_over, 60, f"neither over nor at {place}", every=0.02)
        return taken

    def leases(self):
        return self.remediator.json("/api/v1/leases")["leases"]

    def known_incidents(self):
        return {incident["id"] for incident in self.incidents()} if self.processes.started else set()

    def end_of_the_one_after(self, before):
        def over():
            new = [i for i in self.incidents() if i["id"] not in before]
            self.assertLess(len(new), 2)
            return new and is_over(new[0]) and self.remediator.incident(new[0]["id"])

        return wait_for(over, 60, lambda: f"not over: {self.incidents()[0]['state']}, {self.incidents()[0]['reason']}", every=0.02)


class ProcessRestart(Matrix, LoneRemediator):
    required = ("before_commit:alert_received", "after_commit:alert_received", "before_answer:webhook",
                "after_answer:webhook", "before_effect:checks", "after_effect:checks", "before_effect:plan",
                "after_effect:plan", "before_commit:apply_intended", "after_commit:apply_intended",
                "before_effect:apply", "after_effect:apply", "before_commit:apply_finished",
                "after_commit:apply_finished", "before_effect:confirm", "after_effect:confirm",
                "before_commit:verifying_started", "after_commit:verifying_started", "before_commit:message_queued",
                "after_commit:message_queued", "before_effect:deliver", "after_effect:deliver",
                "before_commit:message_delivered", "after_commit:message_delivered")

    def action(self):
        return {"process_restart": {}}

    def configuration(self):
        configuration = super().configuration()
        (collector,) = configuration["groups"][0]["collectors"]
        collector["start"] = self.counting(f"exec {self.orders.program} 86400")
        return configuration

    def judge(self, place, incident, effects):
        super().judge(place, incident, effects)
        (living,) = self.orders.processes()
        self.assertEqual(events(incident, "apply_intended")[-1]["attempt"], living.variable("FIELDMEDIC_ATTEMPT"))
        self.assertEqual(living.variable("FIELDMEDIC_ATTEMPT"), self.counter.read_text().strip())


class Exec(Matrix, LoneRemediator):
    """Cannot be confirmed: dead between intent and result it goes to a person, done or not, and is not repeated."""

    places = OF_THE_ACTION
    required = ("after_effect:plan", "before_commit:apply_intended", "after_commit:apply_intended",
                "before_effect:apply", "after_effect:apply", "before_commit:verifying_started",
                "after_commit:verifying_started")
    # With how often it was done then.
    in_doubt = {"after_commit:apply_intended": 0, "before_effect:apply": 0, "after_effect:apply": 1,
                "before_commit:verifying_started": 1}

    def action(self):
        program = self.orders.program
        return {"exec": {"argv": self.counting(f"setsid {program} 86400 > /dev/null 2>&1 < /dev/null &"),
                         "at_most_once": True}}

    def judge(self, place, incident, effects):
        if place in self.in_doubt:
            self.assertEqual(("handed_over", self.in_doubt[place]), (incident["state"], effects), incident["reason"])
            self.assertIn("cannot be confirmed and is never repeated", incident["reason"])
        else:
            super().judge(place, incident, effects)


class SystemdRestart(Matrix, LoneRemediator):
    """Of a unit of a real systemd, in a container."""

    places = OF_THE_ACTION
    required = Exec.required + ("before_effect:confirm", "after_effect:confirm")
    UNIT = "orders.service"

    def setUp(self):
        super().setUp()
        self.host = SystemdHost.or_skip(self.layout.state / "units", {self.UNIT: (
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\n"
            "ExecStartPre=/bin/sh -c 'echo start >> /run/effects'\n"
            f"ExecStart={self.orders.program} 86400\n")}, [self.orders.program])
        self.addCleanup(self.host.stop)
        self.addCleanup(self.processes.stop_all)
        self.counter = self.host.path("/run/effects")
        self.counter.write_text("")

    def action(self):
        return {"systemd_restart": {}}

    def configuration(self):
        configuration = super().configuration()
        configuration["groups"][0]["collectors"][0]["unit"] = self.UNIT
        return configuration

    def argv(self):
        return self.host.with_its_bus(super().argv())

    def make_sick(self):
        super().make_sick()
        wait_for(lambda: self.host.state_of(self.UNIT) in ("failed", "inactive"), 30, "the unit lives on")
        self.counter.write_text("")


class KubernetesRestart(Matrix, LoneRemediator):
    """Of a deployment, on the tests' API server. Prometheus says that it is well once it was restarted."""

    places = OF_THE_ACTION
    required = SystemdRestart.required

    def setUp(self):
        super().setUp()
        kubernetes_api.make_credentials(self.layout.secrets)
        server, self.cluster = kubernetes_api.make_server(self.layout.secrets, step=0.05)
        self.serve(server)
        self.cluster.control({"objects": [{"kind": "Deployment", "metadata": {"name": "orders", "namespace": "collect"},
                                           "spec": {"replicas": 2}}]})
        (self.layout.secrets / "kubeconfig").write_text(json.dumps({
            "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{server.server_address[1]}",
                                                   "certificate-authority": "ours.pem"}}],
            "users": [{"name": "u", "user": {"tokenFile": "token"}}]}))
        prometheus = ThreadingHTTPServer(("127.0.0.1", 0), one_sample(lambda: min(self.effects(), 1)))
        prometheus.daemon_threads = True
        self.serve(prometheus)
        self.prometheus = f"http://127.0.0.1:{prometheus.server_address[1]}"

    def serve(self, server):
        Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def action(self):
        return {"kubernetes_restart": {}}

    def configuration(self):
        configuration = super().configuration()
        (group,), (playbook,) = configuration["groups"], configuration["playbooks"]
        group["hosts"][0]["reach"] = {"kubernetes": {"kubeconfig": str(self.layout.secrets / "kubeconfig")}}
        group["collectors"][0]["kubernetes"] = {"name": "orders", "namespace": "collect"}
        playbook["verify"]["checks"] = [{"promql": {"query": "well", "is": "== 1"}}]
        return configuration | {"prometheus": {"url": self.prometheus}}

    def make_sick(self):
        self.restarts_before = len(self.cluster.restarts)

    def effects(self):
        return len(self.cluster.restarts) - self.restarts_before


def one_sample(value):
    """A handler that answers every query of Prometheus' API with it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
                {"metric": {}, "value": [time.time(), str(value())]}]}}).encode()
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    return Handler


class DataDivert(Matrix, LoneRemediator):
    """A temporary change and its undo: the data go to the spare store and back, and are replayed once."""

    places = re.compile(OF_THE_ACTION.pattern + r"|commit:(lease_\w+|undo\w*)")
    # The second apply points the link back, the third replays.
    again = tuple(f"{when}_effect:{what}#{nth}" for nth in (2, 3) for what in ("apply", "confirm")
                  for when in ("before", "after")) + ("after_commit:undo_intended#2",)
    # A commit has the name of its last event: the lease is taken with the intent, and ends with the undo's request.
    required = ("before_commit:apply_intended", "after_commit:apply_intended", "before_commit:undo_requested",
                "after_commit:undo_requested", "before_effect:plan_undo", "after_effect:plan_undo",
                "before_commit:undo_intended", "after_commit:undo_intended", "before_commit:undone",
                "after_commit:undone") + again

    def setUp(self):
        super().setUp()
        self.own, self.spare = self.layout.orders / "own", self.layout.orders / "spare"
        self.link = self.layout.orders / "spool"
        for folder in (self.own, self.spare):
            folder.mkdir()
        self.link.symlink_to(self.own)
        self.store = Store(lambda: self.link.readlink() == self.spare, self.spare)
        self.addCleanup(self.store.stop)

    def action(self):
        replay = self.counting('mv "$FIELDMEDIC_SPARE"/* "$FIELDMEDIC_STORE"/')
        return {"data_divert": {"link": str(self.link), "from": str(self.own), "to": str(self.spare), "replay": replay}}

    def configuration(self):
        configuration = super().configuration()
        (playbook,) = configuration["playbooks"]
        playbook["verify"]["checks"] = [{"http": {"urls": [self.store.url + "/writes"]}}]
        playbook["tiers"][0]["lease"] = {"for": "1h", "unattended": "accepted", "until": {
            "hold": "50ms", "interval": "1s", "checks": [{"http": {"urls": [self.store.url + "/well"]}}]}}
        return configuration

    def make_sick(self):
        """Its own store takes no writes while the link points there."""
        for record in self.own.iterdir():
            record.unlink()

    def passed_in_a_life(self):
        return super().passed_in_a_life() + list(self.again)

    def end_of_the_one_after(self, before):
        incident = super().end_of_the_one_after(before)
        wait_for(lambda: not self.leases(), 60, lambda: f"a lease is not undone: {self.leases()}", every=0.02)
        return incident

    def judge(self, place, incident, effects):
        super().judge(place, incident, effects)
        self.assertEqual(self.own, self.link.readlink())
        self.assertEqual(([], ["record"]), ([f.name for f in self.spare.iterdir()], [f.name for f in self.own.iterdir()]))


class FarHost(Matrix, SickHost):
    """A unit on a host over SSH, whose starts are counted."""

    places = OF_THE_ACTION

    def setUp(self):
        super().setUp()
        self.counter = self.starts

    def configuration(self):
        configuration = super().configuration()
        # Half of it is for the flush, which waits for all that this machine has to write.
        configuration["playbooks"][0]["tiers"][0]["timeout"] = "2m"
        return configuration

    def make_sick(self):
        SickHost.make_sick(self)


class HostReboot(FarHost, LoneRemediator):
    """A drain and a reboot over SSH."""

    # The second apply orders the reboot.
    again = tuple(f"{when}_effect:{what}#2" for what in ("apply", "confirm") for when in ("before", "after")) + (
        "before_commit:apply_intended#2", "after_commit:apply_intended#2")
    required = SystemdRestart.required + again

    def action(self):
        return {"host_reboot": {"drain": self.drain()}}

    def passed_in_a_life(self):
        return super().passed_in_a_life() + list(self.again)

    def judge(self, place, incident, effects):
        super().judge(place, incident, effects)
        # Dead between the two steps, the world is looked at and planned for anew.
        self.assertIn(len(self.drains.read_text().splitlines()), (1, 2))


class Failover(Matrix, LoneRemediator):
    """The standby is promoted once, and never while the sick one is in."""

    places = OF_THE_ACTION
    # The second apply promotes.
    again = HostReboot.again
    required = SystemdRestart.required + again

    def setUp(self):
        super().setUp()
        self.pair = Pair(self.counter)
        self.addCleanup(self.pair.stop)

    def action(self):
        def at(path):
            return {"http": {"url": self.pair.url + path, "confirm": {"url": self.pair.url + path, "json_pointer": "/done",
                                                                       "equals": "yes", "failed": ["no"]}}}

        proof = {"exec": {"argv": ["/usr/bin/test", "-e", str(self.pair.fenced)]}}
        return {"failover": {"fence": at("/fence"), "proof": proof, "promote": at("/promote")}}

    def configuration(self):
        configuration = super().configuration()
        configuration["playbooks"][0]["verify"]["checks"] = [{"http": {"urls": [self.pair.url + "/well"]}}]
        return configuration

    def passed_in_a_life(self):
        return super().passed_in_a_life() + list(self.again)

    def make_sick(self):
        for file in (self.pair.fenced, self.pair.promoted):
            file.unlink(missing_ok=True)
        self.counter.write_text("")

    def judge(self, place, incident, effects):
        super().judge(place, incident, effects)
        self.assertEqual("fenced\n", self.counter.read_text())


class Pair(Page):
    """A sick one that can be fenced and a standby that can be promoted, which writes down how it found the other."""

    def __init__(self, counter):
        self.counter, self.fenced, self.promoted = counter, counter.with_name("fenced"), counter.with_name("promoted")
        super().__init__(self.answer)

    def answer(self, method, path):
        file = {"/fence": self.fenced, "/promote": self.promoted, "/well": self.promoted}[path]
        if method == "POST":
            if path == "/promote":
                with self.counter.open("a") as effects:
                    effects.write("fenced\n" if self.fenced.exists() else "both are at work\n")
            file.touch()
        if path == "/well":
            return 200 if file.exists() else 503, b""
        return 200, b'{"done": "yes"}' if file.exists() else b'{"done": "no"}'


class Store(Page):
    """Answers /writes with 200 while the data go to the spare store, where a record then lies, and /well always."""

    def __init__(self, diverted, spare):
        def answer(_, path):
            goes = path == "/well" or diverted()
            if goes and path == "/writes":
                (spare / "record").write_text("1")
            return 200 if goes else 503, b""

        super().__init__(answer)


class Orders(LoneRemediator):
    """A person's order that was answered is there afterwards; one that was on disk too, and no other."""

    places = {"before_commit:paused": False, "after_commit:paused": True, "before_answer:order": True,
              "after_answer:order": True}

    def test_an_order_is_there_when_it_was_answered(self):
        for place, kept in self.places.items():
            with self.subTest(place):
                self.start(environment={"FIELDMEDIC_CRASH_AT": place})
                answered = False
                with contextlib.suppress(OSError):  # it may die over the answer
                    answered = self.order("pause") == 200
                wait_for(self.processes.ended, 30, f"it did not come to {place}", every=0.02)
                self.assertEqual(-signal.SIGKILL, self.processes.exit_status("remediator"))
                self.processes.stop("remediator")
                self.start()
                self.assertEqual({"all"} if kept else set(), set(self.remediator.json("/api/v1/brakes")["paused"]))
                self.assertFalse(answered and not kept)
                self.assertEqual(200 if kept else 409, self.order("resume"))
                self.processes.stop("remediator")

    def order(self, what):
        return self.post({"scope": "all", "reason": "a test"}, path=f"/api/v1/{what}")[0]


if __name__ == "__main__":
    unittest.main(verbosity=2)
