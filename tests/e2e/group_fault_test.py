"""D6: the collectors of a whole group end within moments. One incident of the group adopts those of its members, which
wait and do nothing of their own, is repaired once, and each member is looked at anew when it is over."""
import subprocess
import unittest

from loop.api import Client
from loop.config import replace
from loop.drill import events
from loop.ports import Ports
from loop.processes import wait_for

from lone_remediator import Collector
from story import LoopStory, applied, is_over
from temporary_change import DETECTION, RemedyLoop

MEMBERS = ("m1", "m2", "m3")

# Nobody reaches the members in this story: what would act on one by itself fails, and shows.
GROUP = """\
  - name: fleet
    hosts:
@hosts@
    collectors: [{name: feed}]
    scope: {playbook: fleet-fault, cluster: {share: 3, within: 2m}}
playbooks:
  - name: fleet-fault
    match: ['alertname="FleetDown"']
    target: {group: "{{ labels.group }}"}
    tiers: [{name: start all of it, action: {exec: {argv: [@start@], at_most_once: true}}, timeout: 30s}]
    verify:
      within: 1m
      hold: 2s
      interval: 1s
      checks: [{promql: {query: 'min(collector_up{collector="feed"})', is: "== 1"}}]
    notify: [oncall]
  - name: feed-down
    match: ['alertname="CollectorDown"', 'collector="feed"']
    target: {collector: "{{ labels.collector }}", host: "{{ labels.host }}"}
    tiers:
      - {name: reload, when: 'labels.reloads == yes', action: {exec: {argv: [/bin/true], at_most_once: true}}}
      - {name: start it, action: {exec: {argv: [/bin/true], at_most_once: true}}}  # waits for correlation_window
    verify:
      within: 2m
      hold: 2s
      interval: 1s
      checks: [{promql: {query: 'collector_up{collector="feed",host="{{ target.host }}"}', is: "== 1"}}]
    notify: [oncall]
"""
MEMBER_HOST = ("      - {{name: {}, reach: {{ssh: {{address: 127.0.0.1, port: {}, user: medic, key_file: @key@, "
               "known_hosts_file: @known@}}}}}}")


class Member:
    """A host of its own for all that is outside of it: an exporter that watches one collector."""

    def __init__(self, name, loop):
        self.name, self.loop, self.port = name, loop, Ports.free().exporter
        folder = loop.layout.data / name
        folder.mkdir()
        self.feed = Collector("feed", folder)
        self.config = loop.layout.conf / f"{name}.yml"
        self.config.write_text(f"collectors: [{{name: feed, process: {{executable: {self.feed.program}}}}}]\n")

    def start_exporter(self):
        client = Client(self.port, "operator", self.loop.credentials.password("operator"))
        self.loop.processes.start(f"exporter-{self.name}", [
            self.loop.programs.exporter, f"--config.file={self.config}", f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.config.file={self.loop.credentials.web_config}"], lambda: client.answers("/-/ready"))


class FleetLoop(RemedyLoop):
    """The loop, and a group of members that each are a host."""

    def configure(self):
        super().configure()
        self.members = [Member(name, self) for name in MEMBERS]
        self.starts = self.layout.state / "starts"
        self.starts.write_text("")
        self.start_all = self.layout.conf / "start-all"
        self.start_all.write_text("#!/bin/sh\n" + f"echo start >> {self.starts}\n" + "".join(
            f"setsid {m.feed.program} 86400 > /dev/null 2>&1 < /dev/null &\n" for m in self.members))
        self.start_all.chmod(0o700)
        key, known = self.layout.secrets / "id", self.layout.secrets / "known_hosts"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, timeout=30)
        known.write_text("127.0.0.1 " + key.with_suffix(".pub").read_text())
        hosts = "\n".join(MEMBER_HOST.format(name, port) for port, name in enumerate(MEMBERS, 1))
        group = replace(replace(GROUP, "@hosts@", hosts), "@start@", str(self.start_all))
        group = replace(replace(group, "@key@", str(key)), "@known@", str(known))
        self.replace_in("remediator.yml", "\nplaybooks:\n", "\n" + group)
        targets = self.layout.conf / "targets"
        targets.mkdir()
        (targets / "fleet.yml").write_text("".join(
            f"- {{targets: ['127.0.0.1:{m.port}'], labels: {{host: {m.name}}}}}\n" for m in self.members))

    def start_exporter(self):
        super().start_exporter()
        subprocess.run([self.start_all], check=True, timeout=30)
        for member in self.members:
            member.start_exporter()

    def not_green(self):
        up = [value for _, value in self.prometheus.query('last_over_time(collector_up{collector="feed"}[10s])')]
        return super().not_green() + ([] if up == [1, 1, 1] else ["Prometheus has not seen the group up"])

    def stop(self):
        super().stop()
        for member in getattr(self, "members", []):
            member.feed.kill()


class GroupFaultIsOneIncident(LoopStory):
    make_loop = FleetLoop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loop.starts.write_text("")
        for member in cls.loop.members:
            member.feed.kill()
        wait_for(cls.all_are_over, DETECTION + 180, lambda: f"not over: {cls.seen()}")
        incidents = [cls.loop.remediator.incident(i["id"]) for i in cls.loop.remediator.incidents()]
        cls.wide = [i for i in incidents if i["target"] == "group/fleet"]
        cls.narrow = [i for i in incidents if i["target"] != "group/fleet"]

    @classmethod
    def all_are_over(cls):
        incidents = cls.loop.remediator.incidents()
        return len(incidents) > len(MEMBERS) and all(map(is_over, incidents))

    @classmethod
    def seen(cls):
        return [(i["id"], i["target"], i["state"], i["reason"]) for i in cls.loop.remediator.incidents()]

    def test_one_incident_of_the_group_repaired_all_of_it_once(self):
        (wide,) = self.wide
        self.assertEqual(("recovered", "cluster"), (wide["state"], wide["fault"]), wide["reason"])
        self.assertEqual(1, applied(wide))
        self.assertEqual("start\n", self.loop.starts.read_text())
        for member in self.loop.members:
            self.assertEqual(1, len(member.feed.processes()), member.name)

    def test_each_member_was_adopted_and_did_nothing_of_its_own(self):
        self.assertEqual({f"collector/feed@{name}" for name in MEMBERS}, {i["target"] for i in self.narrow})
        self.assertEqual(len(MEMBERS), len(self.narrow))
        for incident in self.narrow:
            with self.subTest(incident["target"]):
                (adopted,) = events(incident, "incident_adopted")
                self.assertEqual(self.wide[0]["id"], adopted["by"])
                self.assertEqual([], events(incident, "plan_requested"))
                self.assertEqual(0, applied(incident))

    def test_each_member_waited_and_was_looked_at_anew_when_it_was_over(self):
        (end,) = events(self.wide[0], "recovered")
        for incident in self.narrow:
            with self.subTest(incident["target"]):
                names = [event["event"] for event in incident["timeline"] if event["event"] != "alert_received"]
                after = names[names.index("incident_adopted") + 1:]
                self.assertEqual("diagnosis_started", after[0])
                (again,) = events(incident, "diagnosis_started")
                self.assertLess(end["seq"], again["seq"])
                self.assertIn(f"incident {self.wide[0]['id']}, which owned its cause", again["reason"])
                self.assertIn("checks_answered", after)
                self.assertEqual("cancelled", incident["state"])
                self.assertIn("well before anything was done", incident["reason"])

    def test_people_were_told_of_the_group_and_not_of_each_member(self):
        told = [text for _, channel, text in self.loop.people.since(0) if channel == "sms"]
        self.assertTrue(any("group/fleet" in text for text in told), told)
        self.assertFalse([text for text in told if "feed@" in text.partition("\n")[0]])


if __name__ == "__main__":
    unittest.main(verbosity=2)
