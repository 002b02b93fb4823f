"""link_switch by the active slave of a bond; link_switch_bond_test.py runs this in a kernel that has bonds.

bond0 (10.80.0.2, active-backup) of the slaves `first` and `second`, each a cable to a port of one switch: a bridge
(10.80.0.1) in the network `far`."""
import json
import os
import socket
import unittest
from threading import Thread

from loop.api import NoAnswer
from loop.drill import events
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from page import Page
from story import is_over
from two_links import CLONE_NEWNET, LIBC, call, namespace, run
from user_mode_linux import load_module
from webhooks import alert

NEAR, FAR, PORT = "10.80.0.2", "10.80.0.1", 8080
PATIENCE = 120  # seconds


def setUpModule():
    load_module("bonding", "max_bonds=0")
    load_module("veth")
    load_module("bridge")


class Bond(LoneRemediator):
    primary = ()  # what is said of it to `ip link add`

    def setUp(self):
        super().setUp()
        run("ip", "netns", "add", "far")
        self.addCleanup(run, "ip", "netns", "del", "far")
        run("ip", "-n", "far", "link", "add", "switch", "type", "bridge")
        run("ip", "-n", "far", "addr", "add", f"{FAR}/24", "dev", "switch")
        run("ip", "-n", "far", "link", "set", "switch", "up")
        run("ip", "link", "add", "bond0", "type", "bond", "mode", "active-backup", "miimon", "50")
        self.addCleanup(run, "ip", "link", "del", "bond0")
        for slave in ("first", "second"):
            run("ip", "link", "add", slave, "type", "veth", "peer", "name", f"{slave}-port", "netns", "far")
            self.addCleanup(run, "ip", "link", "del", slave)  # with its other end, which may outlive `far` a little
            run("ip", "-n", "far", "link", "set", f"{slave}-port", "master", "switch", "up")
            run("ip", "link", "set", slave, "master", "bond0")
        run("ip", "addr", "add", f"{NEAR}/24", "dev", "bond0")
        run("ip", "link", "set", "bond0", "up")
        wait_for(lambda: active() == "first" and link("second")["operstate"] == "UP", PATIENCE, "the bond is not up")
        self.listen_far()
        self.first_is_well = True
        self.health = Page(lambda _, path: (200 if self.is_well(path) else 503, b""))
        self.addCleanup(self.health.stop)
        self.addCleanup(self.processes.stop_all)

    def listen_far(self):
        home = namespace()
        with open("/run/netns/far", "rb") as far:
            call(LIBC.setns(far.fileno(), CLONE_NEWNET), "setns")
        self.far = socket.create_server((FAR, PORT))
        call(LIBC.setns(home, CLONE_NEWNET), "setns")
        os.close(home)
        self.addCleanup(self.far.close)
        self.addCleanup(self.far.shutdown, socket.SHUT_RDWR)  # ends the other thread's accept
        Thread(target=answer_all, args=(self.far,), daemon=True).start()

    def is_well(self, path):
        return self.first_is_well if path == "/first" else active() == "second"

    def configuration(self):
        configuration = super().configuration()
        (playbook,) = configuration["playbooks"]
        playbook["tiers"] = [{
            "name": "go by the second", "timeout": "60s",
            "action": {"link_switch": {"by": "bond", "bond": "bond0", "interface": "second", "keeps": [],
                                       "probe": f"{FAR}:{PORT}", "dead_man": "60s"}},
            "lease": {"for": "1h", "unattended": "accepted", "until": {
                "hold": "50ms", "interval": "1s", "checks": [{"http": {"urls": [self.health.url + "/first"]}}]}}}]
        playbook["verify"] |= {"within": "60s", "hold": "50ms", "checks": [
            {"http": {"urls": [self.health.url + "/now"]}}]}
        return configuration

    def leases(self):
        return self.remediator.json("/api/v1/leases")["leases"]

    def start(self, configuration=None, environment=None):
        self.configure(configuration or self.configuration())
        self.processes.start("remediator", self.argv(), lambda: self.remediator.answers("/-/ready"), PATIENCE,
                             environment)

    def incident_over(self):
        self.accept(alert())
        self.wait_until(lambda: [is_over(incident) for incident in self.incidents()] == [True], "no incident is over")
        return self.only_incident()

    def wait_until(self, is_so, what):
        def asked():
            try:
                return is_so()
            except NoAnswer:
                return None

        wait_for(asked, PATIENCE, lambda: f"{what}; active is {active()}; the log:\n{self.log()[-3000:]}")


class TheSecondCarriesUntilTheFirstIsWell(Bond):
    def test_there_and_back(self):
        self.first_is_well = False
        self.start()
        incident = self.incident_over()
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual(["done"], [e["outcome"] for e in events(incident, "apply_finished")])
        self.assertEqual("second", active())
        (lease,) = self.leases()
        self.assertEqual("host/lab/link/bond0", lease["resource"])
        self.assertEqual("make second the active slave of bond0, now first; of second its link was seen only",
                         lease["change"])
        before = taken_by("second-port")
        socket.create_connection((FAR, PORT), PATIENCE).close()
        self.assertGreater(taken_by("second-port"), before)
        self.first_is_well = True
        self.wait_until(lambda: not self.leases(), "it is not put back")
        self.assertEqual("first", active())
        (incident,) = self.incidents()
        self.assertEqual(1, len(events(self.remediator.incident(incident["id"]), "undone")))


class TheRemediatorDiesInBetween(Bond):
    def test_the_dead_man_puts_it_back(self):
        configuration = self.configuration()
        configuration["playbooks"][0]["tiers"][0]["action"]["link_switch"]["dead_man"] = "3s"
        before = taken_by("second-port")
        self.start(configuration, {"FIELDMEDIC_CRASH_AT": "after_switch:link"})
        self.accept(alert())
        self.wait_until(self.processes.ended, "the remediator lives")
        self.wait_until(lambda: taken_by("second-port") > before, "the second never told the switch its address")
        self.wait_until(lambda: active() == "first", "it is not put back")


class TheSecondLeadsNowhere(Bond):
    """Its cable is well, so nothing tells before the switch."""

    def test_it_goes_back_at_once(self):
        run("ip", "-n", "far", "link", "set", "second-port", "nomaster")
        self.start()
        incident = self.incident_over()
        self.assertEqual("handed_over", incident["state"], incident["reason"])
        refused = events(incident, "apply_finished")[-1]
        self.assertEqual("refused", refused["outcome"])
        self.assertRegex(refused["evidence"], "^after the switch: .*does not answer over bond0.*it was put back$")
        self.assertEqual("first", active())
        self.assertEqual([], self.leases())


class AnotherSetsAPrimary(Bond):
    def test_the_undo_leaves_it_alone(self):
        self.first_is_well = False
        self.start()
        incident = self.incident_over()
        self.assertEqual("recovered", incident["state"], incident["reason"])
        run("ip", "link", "set", "bond0", "type", "bond", "primary", "second", "primary_reselect", "failure")
        self.first_is_well = True
        self.wait_until(lambda: [lease["state"] for lease in self.leases()] == ["handed_over"], "no person was asked")
        self.assertIn("bond0 is not as the switch left it", self.leases()[0]["reason"])
        self.assertEqual("second", active())


class TheKernelPrefersTheFirst(Bond):
    def test_nothing_is_switched_and_the_reason_told(self):
        run("ip", "link", "set", "bond0", "type", "bond", "primary", "first", "primary_reselect", "always")
        self.start()
        incident = self.incident_over()
        self.assertEqual("handed_over", incident["state"], incident["reason"])
        self.assertEqual([], events(incident, "apply_intended"))
        self.assertIn("first is the primary of bond0 with primary_reselect always", json.dumps(incident))
        self.assertEqual("first", active())


def link(name):
    (found,) = json.loads(run("ip", "-j", "-d", "link", "show", name))
    return found


def active():
    return link("bond0")["linkinfo"]["info_data"].get("active_slave")


def taken_by(port):
    """The packets that came in there."""
    (found,) = json.loads(run("ip", "-n", "far", "-s", "-j", "link", "show", port))
    return found["stats64"]["rx"]["packets"]


def answer_all(server):
    """Until it is closed."""
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
