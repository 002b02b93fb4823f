"""The crash matrix (crash_matrix_test.py) of what is done to folders, containers, units and routes. Run
with one of its classes."""
import re
import subprocess
import unittest
from threading import Thread

from loop.processes import end_child, wait_for

import crash_matrix_test as matrix  # by its name, so that its own classes are not run here
from docker_host import DockerHost
from etcd import Etcd
from lone_remediator import LoneRemediator
from page import Page
from ssh_host import SshHost
from systemd_host import SystemdHost
from two_links import FAR, TwoLinks, run
import aws_auto_scaling  # beside the other fakes, where the matrix looks


class Health(Page):
    """Answers 200 where `is_well` of the path says so, 503 otherwise."""

    def __init__(self, is_well):
        super().__init__(lambda _, path: (200 if is_well(path) else 503, b""))


class WithHealth(matrix.Matrix):
    """Sick and well by a page, not by a process."""

    places = matrix.OF_THE_ACTION
    required = matrix.SystemdRestart.required

    def setUp(self):
        super().setUp()
        self.health = Health(self.is_well)
        self.addCleanup(self.health.stop)

    def is_well(self, path):
        raise NotImplementedError

    def configuration(self):
        configuration = super().configuration()
        configuration["playbooks"][0]["verify"]["checks"] = [{"http": {"urls": [self.health.url + "/now"]}}]
        return configuration


class CacheClear(WithHealth, LoneRemediator):
    """What the collector writes as soon as it is well is not cleared by a second effect."""

    def setUp(self):
        super().setUp()
        self.cache = self.layout.orders / "cache"
        self.stale, self.fresh = self.cache / "stale", self.cache / "fresh"
        self.cache.mkdir()

    def action(self):
        return {"cache_clear": {"paths": [str(self.cache)]}}

    def is_well(self, _path):
        if self.stale.exists():
            return False
        self.fresh.touch()
        return True

    def make_sick(self):
        self.fresh.unlink(missing_ok=True)
        self.stale.touch()

    def effects(self):
        return int(self.fresh.exists())


class ContainerRestart(WithHealth, LoneRemediator):
    """Of a real engine's container; each start of it is counted by itself."""

    def setUp(self):
        super().setUp()
        self.host = DockerHost.or_skip()
        self.addCleanup(self.host.stop)
        self.addCleanup(self.processes.stop_all)
        shared = self.layout.state / "shared"
        shared.mkdir()
        self.counter, self.mark = shared / "effects", shared / "health"
        self.counter.write_text("")
        self.host.run_container(
            "orders", "echo start >> /shared/effects; echo well > /shared/health; trap 'exit 0' TERM; "
            "busybox sleep 86400 & wait", "-v", f"{shared}:/shared")
        wait_for(self.mark.exists, 30, "the container does not run")

    def action(self):
        return {"container_restart": {"grace": "5s"}}

    def configuration(self):
        configuration = super().configuration()
        configuration["container_engine"] = {"socket": str(self.host.socket)}
        configuration["groups"][0]["collectors"][0]["container"] = "orders"
        return configuration

    def is_well(self, _path):
        return self.mark.exists()

    def make_sick(self):
        self.mark.unlink()
        self.counter.write_text("")


class ProcessRestartOverSsh(matrix.ProcessRestart):
    """The same on this machine, reached over SSH; the checks look there too."""

    places = matrix.OF_THE_ACTION
    required = matrix.SystemdRestart.required

    def setUp(self):
        super().setUp()
        self.host = SshHost.or_skip(self.layout.state / "ssh")
        self.addCleanup(self.host.stop)
        self.addCleanup(self.processes.stop_all)

    def configuration(self):
        configuration = super().configuration()
        configuration["groups"][0]["hosts"][0]["reach"] = self.host.access()
        return configuration


class SystemdRestartOverSsh(matrix.FarHost, LoneRemediator):
    """Of a unit of a real systemd on a host behind a link, which counts its own starts."""

    required = matrix.SystemdRestart.required

    def action(self):
        return {"systemd_restart": {}}

    def configuration(self):
        configuration = super().configuration()
        configuration["groups"][0]["collectors"][0]["unit"] = "orders.service"
        return configuration


class OneMoreForATime(WithHealth):
    """Two changes that make more of it and two that take it back; each is made once."""

    places = re.compile(matrix.OF_THE_ACTION.pattern + r"|commit:(lease_\w+|undo\w*)")
    # The third apply and the fourth are of the undo.
    again = ("before_effect:apply#2", "after_effect:apply#2", "after_effect:apply#3", "after_effect:apply#4",
             "after_commit:apply_intended#2", "after_commit:undo_intended#2")
    required = ("before_commit:apply_intended", "after_commit:apply_intended", "before_effect:apply",
                "after_effect:apply", "before_effect:confirm", "after_effect:confirm", "after_commit:undo_requested",
                "before_commit:undo_intended", "after_commit:undo_intended", "before_commit:undone",
                "after_commit:undone") + again

    def more_runs(self):
        raise NotImplementedError

    def is_well(self, path):
        """/later, which the lease waits for, always."""
        return path == "/later" or self.more_runs()

    def configuration(self):
        configuration = super().configuration()
        configuration["playbooks"][0]["tiers"][0]["lease"] = {"for": "1h", "unattended": "accepted", "until": {
            "hold": "50ms", "interval": "1s", "checks": [{"http": {"urls": [self.health.url + "/later"]}}]}}
        return configuration

    def make_sick(self):
        """It is, while one has it all."""
        self.counter.write_text("")

    def passed_in_a_life(self):
        return super().passed_in_a_life() + list(self.again)

    def end_of_the_one_after(self, before):
        incident = super().end_of_the_one_after(before)
        wait_for(lambda: not self.leases(), 60, lambda: f"a lease is not undone: {self.leases()}", every=0.02)
        return incident


class ScaleOut(OneMoreForATime, LoneRemediator):
    """Two further instances of a template of a real systemd, one step each."""

    TEMPLATE, MORE = "orders@.service", ("orders@2.service", "orders@3.service")

    def setUp(self):
        super().setUp()
        self.host = SystemdHost.or_skip(self.layout.state / "units", {self.TEMPLATE: (
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\n"
            "ExecStartPre=/bin/sh -c 'echo %n >> /run/effects'\n"
            f"ExecStart={self.orders.program} 86400\n")}, [self.orders.program])
        self.addCleanup(self.host.stop)
        self.addCleanup(self.processes.stop_all)
        self.counter = self.host.path("/run/effects")
        self.host.systemctl("start", "orders@1.service")
        self.counter.write_text("")

    def more_runs(self):
        return all(self.host.state_of(unit) == "active" for unit in self.MORE)

    def action(self):
        return {"scale_out": {"unit": self.TEMPLATE, "max": 4, "step": 2}}

    def argv(self):
        return self.host.with_its_bus(super().argv())

    def judge(self, place, incident, effects):
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual(sorted(self.MORE), sorted(self.counter.read_text().split()))
        self.assertEqual(["active", "inactive", "inactive", "inactive"],
                         [self.host.state_of(f"orders@{n}.service") for n in (1, 2, 3, 4)])


class ScaleOutClones(OneMoreForATime, LoneRemediator):
    """A clone of a real engine's container, which is made and then started; each start counts itself."""

    CLONE = "orders-fieldmedic-2"
    # Fewer than of units: an engine is slower, and what lies between is the same code.
    places = re.compile(r"effect:apply$|after_effect:confirm$|after_commit:(apply_intended|undo_intended)$")
    again = ("after_effect:apply#2", "after_effect:apply#3", "after_effect:apply#4")
    required = ("before_effect:apply", "after_effect:apply", "after_commit:apply_intended",
                "after_commit:undo_intended") + again

    def setUp(self):
        super().setUp()
        self.host = DockerHost.or_skip()
        self.addCleanup(self.host.stop)
        self.addCleanup(self.host.run, "rm", "-f", self.CLONE)
        self.addCleanup(self.processes.stop_all)
        shared = self.layout.state / "shared"
        shared.mkdir()
        self.counter = shared / "effects"
        self.host.run_container("orders", "echo start >> /shared/effects; trap 'exit 0' TERM; "
                                "busybox sleep 86400 & wait", "-v", f"{shared}:/shared")
        wait_for(self.counter.exists, 30, "the container does not run")

    def more_runs(self):
        return self.host.run("inspect", "-f", "{{.State.Running}}", self.CLONE).stdout.strip() == "true"

    def action(self):
        return {"scale_out": {"container": "orders", "max": 3}}

    def configuration(self):
        configuration = super().configuration()
        configuration["container_engine"] = {"socket": str(self.host.socket)}
        return configuration

    def judge(self, place, incident, effects):
        super().judge(place, incident, effects)
        self.assertEqual("orders", self.host.run("ps", "-a", "--format", "{{.Names}}").stdout.strip())


class ScaleOutGroup(OneMoreForATime, LoneRemediator):
    """An Auto Scaling group at the tests' endpoint, whose count is set once and set back once."""

    # One change and its undo: the second apply is of that.
    again = ("before_effect:apply#2", "after_effect:apply#2")
    required = OneMoreForATime.required[:-len(OneMoreForATime.again)] + again

    def setUp(self):
        super().setUp()
        server, self.group = aws_auto_scaling.make_server(step=0.05)
        Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        self.keys = self.layout.secrets / "aws"
        self.keys.write_text(aws_auto_scaling.credentials_text())

    def more_runs(self):
        with self.group.lock:
            self.group.settle()
            return self.group.in_service == 3

    def action(self):
        return {"scale_out": {"max": 3, "auto_scaling_group": {
            "name": "orders", "region": aws_auto_scaling.REGION, "endpoint": self.endpoint,
            "credentials_file": str(self.keys)}}}

    def make_sick(self):
        self.group.sets.clear()

    def judge(self, place, incident, effects):
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual(([3, 2], []), (self.group.sets, self.group.refused))


class DivertByKey(OneMoreForATime, LoneRemediator):
    """A key in a real etcd, which is set once and put back once: etcd counts its versions."""

    # Fewer than of units: an order that may still come is waited for, 40 s from its plan.
    places = ScaleOutClones.places
    again = ("before_effect:apply#2", "after_effect:apply#2")
    required = ("before_effect:apply", "after_effect:apply", "after_commit:apply_intended",
                "after_commit:undo_intended") + again

    def setUp(self):
        super().setUp()
        self.etcd = Etcd.or_skip(self.layout.state / "etcd")
        self.addCleanup(self.etcd.stop)
        self.addCleanup(self.processes.stop_all)
        self.etcd.put("/route", "own")

    def more_runs(self):
        return self.etcd.get("/route")[0] == "spare"

    def action(self):
        return {"data_divert": {"etcd": {"urls": [self.etcd.url], "key": "/route"}, "to": "spare"}}

    def make_sick(self):
        self.version = self.etcd.get("/route")[1]

    def judge(self, place, incident, effects):
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual(("own", self.version + 2), self.etcd.get("/route"))
        self.assertEqual((None, 0), self.etcd.get("/route.fieldmedic"))


class DivertByFile(OneMoreForATime, LoneRemediator):
    """Another version in the place of a file, and its reading, which a program of the operator's confirms: read once
    there and once back."""

    def setUp(self):
        super().setUp()
        self.route, self.used = self.layout.orders / "route", self.layout.orders / "used"
        self.route.write_text("no\n")
        self.used.write_text("no\n")
        (self.layout.orders / "spare").write_text("yes\n")

    def more_runs(self):
        return self.used.read_text() == "yes\n"

    def action(self):
        used, diverted = self.used, '"$FIELDMEDIC_DIVERTED"'
        read = f"echo {diverted} >> {self.counter}; cp {self.route} {used}.new && mv {used}.new {used}"
        return {"data_divert": {"file": str(self.route), "to": str(self.layout.orders / "spare"),
                                "reload": ["/bin/sh", "-c", read],
                                "confirm": ["/bin/sh", "-c", f"test {diverted} = \"$(cat {used})\""]}}

    def judge(self, place, incident, effects):
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual(["yes", "no"], self.counter.read_text().split())
        self.assertEqual(("no\n", "no\n"), (self.route.read_text(), self.used.read_text()))


class LinkSwitch(WithHealth, LoneRemediator):
    """A temporary change of this host's own way out, and its undo: the default route goes by the other link once, and
    is as it was in the end. The kernel counts."""

    places = matrix.DataDivert.places
    again = tuple(f"{when}_effect:{what}#2" for what in ("apply", "confirm") for when in ("before", "after"))
    required = matrix.DataDivert.required[:-len(matrix.DataDivert.again)] + again

    def setUp(self):
        links = TwoLinks.or_skip()
        self.addCleanup(links.leave)
        super().setUp()
        self.before = default_routes()
        self.far = links.listen_far(FAR)
        self.addCleanup(self.far.close)
        Thread(target=accept_all, args=(self.far,), daemon=True).start()
        with open(self.counter, "ab") as output:
            self.watch = subprocess.Popen(["ip", "-o", "monitor", "route"], stdin=subprocess.DEVNULL, stdout=output,
                                          stderr=subprocess.DEVNULL)
        self.addCleanup(self.end_watch)
        self.addCleanup(self.processes.stop_all)

    def end_watch(self):
        self.watch.terminate()
        end_child(self.watch)

    def action(self):
        return {"link_switch": {"interface": "unicom", "gateway": "10.79.0.1", "keeps": [],
                                "probe": f"{FAR}:{self.far.getsockname()[1]}"}}

    def configuration(self):
        configuration = super().configuration()
        configuration["playbooks"][0]["tiers"][0]["lease"] = {"for": "1h", "unattended": "accepted", "until": {
            "hold": "50ms", "interval": "1s", "checks": [{"http": {"urls": [self.health.url + "/first"]}}]}}
        return configuration

    def is_well(self, path):
        """The first link is well as soon as nothing goes by it."""
        return path == "/first" or "dev unicom" in run("ip", "route", "get", FAR)

    def make_sick(self):
        self.counter.write_text("")

    def passed_in_a_life(self):
        return super().passed_in_a_life() + list(self.again)

    def effects(self):
        """The routes that were added by the other link."""
        lines = self.counter.read_text().splitlines()
        return len([line for line in lines if line.startswith("default") and "dev unicom" in line])

    def end_of_the_one_after(self, before):
        incident = super().end_of_the_one_after(before)
        wait_for(lambda: not self.leases(), 60, lambda: f"a lease is not undone: {self.leases()}", every=0.02)
        return incident

    def judge(self, place, incident, effects):
        super().judge(place, incident, effects)
        self.assertEqual(self.before, default_routes())


def default_routes():
    return sorted(line.strip() for line in run("ip", "-4", "route", "show", "default").splitlines())


def accept_all(server):
    """Until it is closed."""
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
