"""The parts of scripts/loop that decide something, on made-up facts."""
import errno
import os
import pathlib
import shlex
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

from loop import config, people, pipeline, ports, processes
from loop.__main__ import in_words, to_try
from loop.credentials import Credentials
from loop.drill import Drill
from loop.layout import Layout, Programs, Refused
from loop.loop import Loop
from loop.people import one_line, text_of
from loop.ports import Ports
from loop.processes import Identity
from loop.timeline import Timeline, seconds


class Times(unittest.TestCase):
    def test_rfc3339_is_read_to_the_nanosecond_and_in_any_zone(self):
        self.assertAlmostEqual(1795420800.123456, seconds("2026-11-23T08:00:00.123456789Z"), places=5)
        self.assertEqual(1795420800, seconds("2026-11-23T08:00:00Z"))
        self.assertEqual(1795420800.5, seconds("2026-11-23T09:00:00.5+01:00"))

    def test_a_timeline_names_what_did_not_happen(self):
        timeline = Timeline(100.0, "SIGKILL")
        timeline.add("scraped", 103.5, "Prometheus")
        self.assertIn("told", timeline.missing())
        self.assertEqual("  +3.50 s  scraped      Prometheus", list(timeline.lines())[1])
        self.assertIn("did not happen", list(timeline.lines())[-1])


class PortsTest(unittest.TestCase):
    def test_a_busy_port_is_named_with_its_holder_and_a_way_out(self):
        with socket.create_server(("127.0.0.1", 0)) as busy:
            chosen = Ports(**(vars(Ports.free()) | {"prometheus": busy.getsockname()[1]}))
            with self.assertRaises(Refused) as refusal:
                ports.require_free(chosen)
        text = str(refusal.exception)
        self.assertIn(f"port {chosen.prometheus} for prometheus is taken by", text)
        self.assertIn(f"(pid {os.getpid()})", text)
        self.assertIn("FIELDMEDIC_PORT_PROMETHEUS", text)

    def test_a_holder_is_found_on_a_host_without_ipv6(self):
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as busy:
            procfs = pathlib.Path(folder)
            (procfs / "net").mkdir()
            (procfs / "net" / "tcp").symlink_to("/proc/net/tcp")
            (procfs / str(os.getpid())).symlink_to("/proc/self")
            self.assertIn(f"(pid {os.getpid()})", ports.holder(busy.getsockname()[1], procfs))

    def test_free_ports_are_accepted(self):
        ports.require_free(Ports.free())

    def test_single_ports_come_before_the_base_and_must_be_numbers(self):
        chosen = Ports.from_environment(20000, {"FIELDMEDIC_PORT_ALERTMANAGER": "9193"})
        self.assertEqual((20000, 9193), (chosen.exporter, chosen.alertmanager))
        with self.assertRaises(Refused):
            Ports.from_environment(None, {"FIELDMEDIC_PORT_EXPORTER": "http"})


class Secrets(unittest.TestCase):
    def test_passwords_are_kept_and_only_their_owner_reads_them(self):
        with tempfile.TemporaryDirectory() as folder:
            layout = Layout(folder).make()
            credentials = Credentials(layout)
            credentials.write()
            password = credentials.password("medic")
            self.assertEqual(password, Credentials(layout).password("medic"))
            self.assertNotIn(password, credentials.web_config.read_text())
            for path in (credentials.web_config, credentials.password_file("medic")):
                self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))


class Configurations(unittest.TestCase):
    def test_the_shipped_files_are_adapted_to_any_ports(self):
        with tempfile.TemporaryDirectory() as folder:
            layout = Layout(folder).make()
            # The remediator on the shipped port of the exporter: no address may be replaced twice.
            chosen = Ports(exporter=1987, remediator=9987, prometheus=1990, alertmanager=1993)
            config.write_configurations(layout, chosen, Programs("/x/e", "/x/r", "/x/t"), config.Limits())
            prometheus = (layout.conf / "prometheus.yml").read_text()
            for port in (1987, 9987, 1990, 1993):
                self.assertIn(f"targets: ['127.0.0.1:{port}']", prometheus)
            self.assertIn("http://127.0.0.1:9987/api/v1/alertmanager", (layout.conf / "alertmanager.yml").read_text())
            self.assertNotIn("$", (layout.conf / "remediator.yml").read_text())

    def test_a_shipped_file_that_changed_is_noticed(self):
        with self.assertRaises(AssertionError):
            config.replace("some text", "127.0.0.1:9987", "127.0.0.1:1")

    def test_the_rules_are_found_wherever_the_checkout_lies(self):
        for name in ("plain", "with [a] #1", "it's a * or a ?", "back\\slash [^x]", "key: value"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                checkout = pathlib.Path(folder) / name
                (checkout / "rules").mkdir(parents=True)
                for rules in ("a.rules.yml", "b.rules.yml"):
                    (checkout / "rules" / rules).write_text("groups: []\n")
                written = pathlib.Path(folder) / "prometheus.yml"
                written.write_text(f"rule_files:\n  - {config.rules_of(checkout)}\n")
                answer = subprocess.run(["promtool", "check", "config", written], capture_output=True, text=True,
                                        timeout=60)
                self.assertIn("2 rule files found", answer.stdout, answer.stderr)

    def test_a_state_folder_that_a_configuration_cannot_name_is_refused(self):
        for bad in ("a b", "a,b", "a[b", "a}b", "a*b", "a$b"):
            with self.subTest(bad), self.assertRaises(Refused):
                Layout(f"/tmp/{bad}")

    def test_without_a_home_a_state_folder_is_asked_for(self):
        with self.assertRaisesRegex(Refused, "--state"):
            Layout("~nobody-of-this-name/state")


class StateFolders(unittest.TestCase):
    def test_a_folder_with_other_things_is_left_as_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            (pathlib.Path(folder) / "letter").touch()
            with self.assertRaisesRegex(Refused, "not ours"):
                Layout(folder).make()
            self.assertEqual(0o755, stat.S_IMODE(os.stat(folder).st_mode))
            self.assertEqual(["letter"], os.listdir(folder))

    def test_ours_is_taken_again_also_half_made_or_with_a_note_in_it(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "conf").mkdir()
            Layout(folder).make().lock().close()
            (pathlib.Path(folder) / "letter").touch()
            Layout(folder).make()
            self.assertEqual(0o700, stat.S_IMODE(os.stat(folder).st_mode))


class Parts(unittest.TestCase):
    def test_a_drill_does_not_wait_for_a_part_that_is_dead(self):
        with tempfile.TemporaryDirectory() as folder:
            loop = Loop(Layout(folder).make(), Ports.free(), Programs("/x/e", "/x/r", "/x/t"))
            dead = subprocess.Popen(["/bin/true"])
            dead.wait()
            loop.processes.started.append(("remediator", dead))
            with self.assertRaisesRegex(Refused, "remediator ended by itself"):
                Drill(loop)._ended_incident(set())


class Words(unittest.TestCase):
    def test_what_to_try_can_be_pasted_in_a_checkout_with_a_space(self):
        loop = unittest.mock.Mock()
        loop.pipeline.orders.pid_file, loop.layout.conf = "/s/orders.pid", "/s/conf"
        _, incidents = to_try(loop, Programs("/a b/e", "/a b/r", "/a b/t"))
        self.assertEqual(["/a b/t", "--config.file=/s/conf/fieldmedic.yml", "incidents"], shlex.split(incidents))


    def test_a_failure_without_a_path_names_the_state(self):
        self.assertIn("/s/up", in_words(OSError(errno.ENOSPC, "No space left on device"), "/s/up"))
        self.assertNotIn("/s/up", in_words(PermissionError(errno.EACCES, "Permission denied", "/t"), "/s/up"))
        self.assertEqual("so", in_words(Refused("so"), "/s/up"))


class Signals(unittest.TestCase):
    def hang_up(self, disposition):
        """The exit status of a loop that is hung up on; 7 when it goes on."""
        code = ("import os, signal, sys; from loop.__main__ import stop_on_signals\n"
                f"signal.signal(signal.SIGHUP, signal.{disposition}); stop_on_signals()\n"
                "try: os.kill(os.getpid(), signal.SIGHUP)\nexcept KeyboardInterrupt: sys.exit(5)\nsys.exit(7)")
        return subprocess.run([sys.executable, "-B", "-c", code], check=False).returncode

    def test_a_hangup_stops_the_loop_but_not_under_nohup(self):
        self.assertEqual(5, self.hang_up("SIG_DFL"))
        self.assertEqual(7, self.hang_up("SIG_IGN"))


class Orders(unittest.TestCase):
    def test_a_full_disk_is_told_as_the_failure_and_not_thrown_into_a_thread(self):
        thrown = []
        with unittest.mock.patch("threading.excepthook", thrown.append):
            generator = pipeline.Generator(pathlib.Path("/dev/full"))
            generator.start()
            processes.wait_for(lambda: generator.failure, 10, "it does not fail")
            generator.stop()
        self.assertEqual(errno.ENOSPC, generator.failure.errno)
        self.assertEqual([], thrown)


class People(unittest.TestCase):
    def test_the_text_is_found_in_what_robots_and_gateways_take(self):
        self.assertEqual("a", text_of('{"msgtype":"markdown","markdown":{"content":"a"}}'))
        self.assertEqual("b", text_of('{"phone":"1","text":"b"}'))
        self.assertEqual("no json", text_of("no json"))
        self.assertEqual("[1]", text_of("[1]"))
        self.assertEqual("a · b: 1", one_line('## <font color="info">a</font>\n\n**b**: 1\n'))
        self.assertEqual("ab…", one_line("abcdef", 3))

    def test_a_browser_sees_what_they_were_told_last(self):
        with tempfile.TemporaryDirectory() as folder:
            told = people.People(0, pathlib.Path(folder) / "told.jsonl", show=lambda *_: None)
            self.addCleanup(told.stop)
            self.assertIn("Nobody", told.page())
            told.take("sms", "first")
            told.take("wecom", "second <b>")
            self.assertRegex(told.page(), r"^[0-9:]{8} wecom\nsecond <b>\n\n[0-9:]{8} sms\nfirst\n$")


class Processes(unittest.TestCase):
    def test_a_process_that_dies_at_once_is_told_with_its_last_words(self):
        with tempfile.TemporaryDirectory() as folder:
            started = processes.Processes(Layout(folder).make())
            with self.assertRaises(Refused) as refusal:
                started.start("sayer", ["/bin/sh", "-c", "echo last words; exit 3"], lambda: False, seconds=10)
            self.assertIn("status 3", str(refusal.exception))
            self.assertIn("last words", str(refusal.exception))

    def test_the_processes_of_a_state_are_found_and_those_of_another_that_ends_alike_are_not(self):
        for argument in ("--config.file={}/up/conf/a.yml", "{}/up/conf/a.yml"):
            with self.subTest(argument), tempfile.TemporaryDirectory() as folder:
                child = subprocess.Popen(["/bin/sh", "-c", "read -r line", argument.format(folder)],
                                         stdin=subprocess.PIPE)
                self.addCleanup(lambda child=child: (child.kill(), child.wait(), child.stdin.close()))
                shell = os.path.realpath("/bin/sh")
                processes.wait_for(lambda: processes.of_state(f"{folder}/up", {shell}), 10, "it does not start")
                self.assertEqual([], processes.of_state("/up", {shell}))

    def test_all_are_ended_last_first_also_those_that_ignore_sigterm(self):
        processes.END_PATIENCE, patience = 0.2, processes.END_PATIENCE
        try:
            with tempfile.TemporaryDirectory() as folder:
                started = processes.Processes(Layout(folder).make())
                stubborn = "trap '' TERM; echo up; while :; do read -t 1 x <&3; done 3<>$0.fifo"
                started.start("stubborn", ["/bin/bash", "-c", stubborn, f"{folder}/s"],
                              lambda: "up" in started.log_file("stubborn").read_text(), seconds=10)
                pid = started.pid("stubborn")
                started.stop_all()
                self.assertIsNone(Identity.of(pid))
        finally:
            processes.END_PATIENCE = patience


class Proof(unittest.TestCase):
    """Only the process that the incident's own apply event names counts, started after the kill."""

    def setUp(self):
        self.killed = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, env={"FIELDMEDIC_ATTEMPT": "j-1-1"})
        self.addCleanup(lambda: (self.child.kill(), self.child.wait(), self.child.stdin.close()))
        self.living = Identity.of(self.child.pid)
        while self.living.variable("FIELDMEDIC_ATTEMPT") is None:
            time.sleep(0.01)  # between fork and exec it still has our environment

    def prove(self, evidence=None, attempt="j-1-1", killed=None, outcome="done"):
        loop = unittest.mock.Mock()
        loop.pipeline.orders.identity.return_value = self.living
        drill = Drill(loop)
        drill.killed_boottime = self.killed if killed is None else killed
        evidence = evidence or f"pid {self.living.pid}, start time {self.living.start_ticks} ticks"
        event = {"event": "apply_finished", "outcome": outcome, "attempt": attempt, "evidence": evidence}
        return drill._prove({"id": 1, "timeline": [event]}, Identity(1, 1))

    def test_the_process_that_the_event_names_counts(self):
        self.assertIn(f"pid {self.living.pid}", self.prove())

    def test_another_pid_or_start_time_does_not(self):
        for evidence in (f"pid 1, start time {self.living.start_ticks} ticks", f"pid {self.living.pid}, start time 7"):
            with self.subTest(evidence), self.assertRaisesRegex(Refused, "something else restarted it"):
                self.prove(evidence)

    def test_an_apply_that_did_not_succeed_does_not(self):
        with self.assertRaisesRegex(Refused, "no apply event"):
            self.prove(outcome="unknown")

    def test_a_process_of_another_attempt_does_not(self):
        with self.assertRaisesRegex(Refused, "does not carry"):
            self.prove(attempt="j-1-2")

    def test_a_process_older_than_the_kill_does_not(self):
        with self.assertRaisesRegex(Refused, "older than the kill"):
            self.prove(killed=self.killed + 60)


if __name__ == "__main__":
    unittest.main()
