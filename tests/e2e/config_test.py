"""The configuration of the running program: faults, a busy port, reloads."""
import json
import os
import signal
import socket
import subprocess
import unittest

from loop.api import Client
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from webhooks import DOWN, alert, webhook

RELOADED = "fieldmedic_config_last_reload_success_timestamp_seconds"
TIMEOUT = 30  # seconds that a program may take to refuse


class Configuration(LoneRemediator):
    COLLECTORS = ("orders", "billing")

    def refused(self, *arguments):
        return subprocess.run([*self.argv(), *arguments], capture_output=True, text=True, timeout=TIMEOUT)

    def test_every_fault_is_told_at_once_with_its_place(self):
        self.configure('lisen: 127.0.0.1:9988\nalertmanager: {url: "ftp://x", receiver: fieldmedic}\n'
                       "playbooks:\n  - name: collector down\n    match: [CollectorDown]\n")
        file = self.layout.conf / "remediator.yml"
        for arguments in ([], ["--check-config"]):
            answer = self.refused(*arguments)
            self.assertEqual(78, answer.returncode)
            lines = answer.stderr.splitlines()
            self.assertGreater(len(lines), 4)
            for line in lines:
                self.assertRegex(line, rf"^{file}:\d+:\d+: ")
            for fault in (f"{file}:1:1: unknown key 'lisen', did you mean 'listen'?", f"{file}:2:21: 'url' wants a URL",
                          f"{file}:4:11: 'name' wants", f"{file}:5:13: wants a matcher"):
                self.assertIn(fault, answer.stderr)
        self.assertFalse(self.journal.exists())

    def test_a_missing_file_and_an_unknown_flag_are_told(self):
        answer = self.refused()
        self.assertEqual((78, f"{self.layout.conf}/remediator.yml: cannot be read: No such file or directory\n"),
                         (answer.returncode, answer.stderr))
        self.configure(self.configuration())
        self.assertEqual(0, self.refused("--check-config").returncode)
        answer = self.refused("--no-such-flag")
        self.assertEqual(64, answer.returncode)
        self.assertIn("no-such-flag", answer.stderr)

    def test_open_mode_must_be_asked_for_by_name(self):
        closed = self.configuration()
        del closed["web_config_file"]
        self.configure(closed)
        answer = self.refused()
        self.assertEqual(78, answer.returncode)
        self.assertIn("authentication: none", answer.stderr)
        self.start(closed | {"authentication": "none"})
        self.assertEqual(200, self.post(webhook(alert()), headers={})[0])
        self.assertEqual("recovered", self.only_incident()["state"])

    def test_a_busy_port_is_told_and_nothing_is_started(self):
        self.configure(self.configuration())
        with socket.create_server(("127.0.0.1", self.ports.remediator)):
            answer = self.refused()
        self.assertEqual(1, answer.returncode)
        self.assertIn(f"127.0.0.1:{self.ports.remediator} is in use; choose another address", answer.stderr)
        self.assertEqual(1, len(answer.stderr.splitlines()), answer.stderr)

    def test_a_second_remediator_on_the_same_journal_is_refused(self):
        self.start()
        self.configure(self.configuration() | {"listen": "127.0.0.1:0"})
        answer = self.refused()
        self.assertEqual(1, answer.returncode)
        self.assertIn(str(self.journal), answer.stderr)

    def test_reload_over_http(self):
        self.start()
        self.reload_good_and_bad(self.reload_over_http)

    def test_reload_by_signal(self):
        self.start()
        self.reload_good_and_bad(self.reload_by_signal)

    def reload_over_http(self, good):
        status, text = self.post(b"", path="/-/reload")
        self.assertEqual(200 if good else 500, status)
        return "" if good else json.loads(text)["error"]

    def reload_by_signal(self, good):
        before = (len(self.log()), self.metric(RELOADED))
        os.kill(self.processes.pid("remediator"), signal.SIGHUP)
        words = "configuration read again" if good else "configuration not changed"
        wait_for(lambda: words in self.log()[before[0]:], TIMEOUT, f"the log does not say: {words}")
        return self.log()[before[0]:]

    def reload_good_and_bad(self, reload):
        healed = self.configuration()
        healed["playbooks"][0]["match"] = ['alertname="Renamed"']
        at_start = self.metric(RELOADED)
        self.configure("listen: [\n")
        self.assertIn("remediator.yml:", reload(good=False))
        self.assertEqual((0, at_start), (self.metric("fieldmedic_config_last_reload_successful"), self.metric(RELOADED)))
        self.configure(self.configuration() | {"listen": f"127.0.0.1:{self.ports.exporter}"})
        self.assertIn("listen and journal change only with a restart", reload(good=False))
        self.accept(alert())  # what ran before runs on
        self.assertEqual("recovered", self.only_incident()["state"])

        self.configure(healed)
        reload(good=True)
        self.assertEqual(1, self.metric("fieldmedic_config_last_reload_successful"))
        self.assertGreater(self.metric(RELOADED), at_start)
        self.accept(alert(DOWN | {"collector": "billing"}))
        self.assertEqual(1, self.metric("fieldmedic_alerts_ignored_total", reason="no_playbook"))
        self.accept(alert(DOWN | {"collector": "billing", "alertname": "Renamed"}))
        wait_for(lambda: len(self.incidents()) == 2, TIMEOUT, "the new playbook serves nothing")

    def test_users_change_with_a_reload(self):
        self.start()
        self.credentials.password_file("medic").unlink()
        self.credentials.write()
        newcomer = Client(self.ports.remediator, "medic", self.credentials.password("medic"))
        self.assertFalse(newcomer.answers("/metrics"))
        self.assertEqual(200, self.post(b"", path="/-/reload")[0])
        self.assertTrue(newcomer.answers("/metrics"))
        self.assertFalse(self.remediator.answers("/metrics"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
