"""R4: the one that leads is killed. It is fenced, and when its lease in etcd has run out the standby is promoted and
HAProxy sends nothing to it any more; at a person's word it is led back. At no time do two lead."""
import unittest

from loop.drill import events
from loop.layout import HOST
from loop.processes import wait_for

from leaders import KEY, Leaders
from shipped import playbook
from temporary_change import DETECTION, RemedyLoop, TemporaryChange
from webhooks import post


def program(path):
    return {"on": HOST, "exec": {"argv": [path]}}


class LeaderLoop(RemedyLoop):
    leaders = None

    def configure(self):
        script = self.leaders.script
        self.playbook = playbook("leader-down", {
            "match": ['alertname="CollectorDown"', 'collector="leader"'],
            "tiers": {0: {"action": {"failover": {
                "fence": program(script("stop-first")), "proof": {"etcd": {"urls": [self.leaders.etcd], "key": KEY}},
                "promote": program(script("start-spare")),
                "move": {"haproxy_drain": {"socket": str(self.leaders.socket), "server": "first"}},
                "demote": program(script("stop-spare")), "unfence": program(script("start-first"))}}}},
            "verify": {"hold": "3s", "checks": [{"http": {"urls": [self.leaders.front]}}]}})
        super().configure()
        pattern = f"process: {{command_line: ' {self.leaders.program} .* first '}}"
        self.replace_in("exporter.yml", "collectors:\n", f"collectors:\n  - {{name: leader, {pattern}}}\n")
        self.replace_in("remediator.yml", "    collectors:\n", f"    collectors:\n      - {{name: leader, {pattern}}}\n")


class TheStandbyTakesOver(TemporaryChange):
    @classmethod
    def make_loop(cls, layout, *arguments):
        loop = LeaderLoop(layout, *arguments)
        cls.leaders = loop.leaders = Leaders.or_skip(layout.state / "leaders")
        cls.addClassCleanup(cls.leaders.stop)
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        up = f'collector_up{{collector="leader",host="{HOST}"}}'
        wait_for(lambda: cls.loop.prometheus.query(f"{up} == 1"), 60, "Prometheus has not seen the leader up")
        cls.leaders.do("stop-first")
        cls.asked = wait_for(cls.question, DETECTION, "no person is asked")
        cls.meanwhile = cls.leaders.leading()
        answer = cls.order(f"incidents/{cls.asked['id']}/approve", {"hash": cls.asked["approval"]["hash"]})
        assert answer[0] == 200, answer
        cls.incident = cls.only_incident(120)
        cls.served = {cls.leaders.answers() for _ in range(10)}
        (lease,) = cls.leases()
        answer = cls.order(f"leases/{lease['id']}/end", {"reason": "first is well again"})
        assert answer[0] == 200, answer
        cls.undone = cls.wait_until_undone(90)

    @classmethod
    def question(cls):
        """The incident that waits for a person's word."""
        waiting = [cls.loop.remediator.incident(i["id"]) for i in cls.loop.remediator.incidents()]
        return next((incident for incident in waiting if incident.get("approval")), None)

    @classmethod
    def order(cls, path, body):
        return post(cls.loop.remediator, body, path=f"/api/v1/{path}")

    def test_nothing_was_done_before_a_person_said_so(self):
        self.assertEqual(["first"], self.meanwhile)

    def test_the_standby_led_and_all_traffic_went_to_it(self):
        self.assertEqual("recovered", self.incident["state"], self.incident["reason"])
        self.assertEqual({"done"}, {event["outcome"] for event in events(self.incident, "apply_finished")})
        self.assertEqual({"spare"}, self.served)

    def test_it_was_led_back_and_no_two_ever_led(self):
        wait_for(lambda: self.leaders.leading() == ["first", "spare", "first"], 30,
                 lambda: f"they led in another order: {self.leaders.leading()}")
        self.assertEqual(1, len(events(self.undone, "undone")))
        wait_for(lambda: self.leaders.answers() == "first", 30, "first does not answer")


if __name__ == "__main__":
    unittest.main(verbosity=2)
