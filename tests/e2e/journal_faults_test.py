"""A journal that cannot be had: held by another, not to be written, damaged, failing in use. The remediator says why
and ends; it writes over nothing, and what it acknowledged is there when the fault is gone."""
import hashlib
import os
import resource
import sqlite3
import subprocess
import unittest

from loop.processes import wait_for

from lone_remediator import LoneRemediator
from small_disk import allow_writing, mount, unmount
from webhooks import DOWN, alert, webhook

CANNOT_SERVE, JOURNAL_BROKE = 1, 74
PAGE = 4096
KEPT = 20  # alerts that a journal holds before it is damaged


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0xFF]))


def place_of(path, words):
    return path.read_bytes().index(words)


class Unreadable(LoneRemediator):
    def keep_some(self):
        """A journal of a remediator that has ended, moved out of its log; the alerts' fingerprints."""
        self.start()
        others = [alert(DOWN | {"alertname": "Other"}) for _ in range(KEPT)]
        for other in others:
            self.accept(other)
        self.processes.stop("remediator")
        self.assertFalse((self.layout.data / "journal.db-wal").exists())
        return [other["fingerprint"] for other in others]

    def refused(self):
        """What a start says that ends at once."""
        ended = subprocess.run(self.argv(), capture_output=True, text=True, timeout=60, check=False)
        said = ended.stdout + ended.stderr
        self.assertEqual(CANNOT_SERVE, ended.returncode, said)
        self.assertIn(str(self.journal), said)
        return said

    def contents(self):
        """But for an empty log, which SQLite makes to look whether there is one."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.layout.data.iterdir()
                if path.is_file() and path.stat().st_size > 0}

    def test_a_damaged_journal_is_refused_and_left_as_it_is(self):
        fingerprints = self.keep_some()
        whole = self.journal.read_bytes()
        record = fingerprints[3].encode()  # a word of it
        cases = (("its header is another", lambda: flip(self.journal, 0), "not a database"),
                 ("a page is another", lambda: flip(self.journal, place_of(self.journal, record) // PAGE * PAGE),
                  "malformed"),
                 ("a record is another", lambda: flip(self.journal, place_of(self.journal, record)), "wrong hash"),
                 ("its end is cut off", lambda: os.truncate(self.journal, len(whole) // 2), "malformed"),
                 ("it is a text", lambda: self.journal.write_text("no journal\n" * 1000), "not a database"),
                 ("it is of another program", self.make_foreign, "not a journal of Fieldmedic"),
                 ("it was emptied under its log", self.empty_under_its_log, "write-ahead log"))
        for name, damage, why in cases:
            with self.subTest(name):
                self.processes.stop_all()
                for path in self.layout.data.iterdir():
                    path.unlink()
                self.journal.write_bytes(whole)
                damage()
                damaged = self.contents()
                said = self.refused()
                self.assertIn(why, said)
                self.assertIn(f"'fieldmedic journal verify {self.journal}'", said)
                self.assertIn("restore a backup", said)
                self.assertEqual(damaged, self.contents(), "it was changed")
        (self.layout.data / "journal.db-wal").unlink(missing_ok=True)
        self.journal.write_bytes(whole)
        self.start()  # restored, it goes on
        self.processes.stop("remediator")
        self.assertEqual(fingerprints, [event["key"]["fingerprint"] for event in self.recorded("alert_ignored")])

    def make_foreign(self):
        self.journal.unlink()
        other = sqlite3.connect(self.journal)
        other.execute("CREATE TABLE event(x)")
        other.close()

    def empty_under_its_log(self):
        """As it was while it ran, killed, and its table truncated."""
        self.start()
        self.accept(alert(DOWN | {"alertname": "Other"}))
        self.kill()
        self.assertGreater((self.layout.data / "journal.db-wal").stat().st_size, 0)
        os.truncate(self.journal, 0)

    def test_a_journal_that_another_holds_is_refused_and_the_other_goes_on(self):
        self.start()
        self.assertIn(f"held by another process (pid {self.processes.pid('remediator')})", self.refused())
        self.accept(alert(DOWN | {"alertname": "Other"}))

    def test_a_read_only_file_system_is_named(self):
        mount(self.layout.data)
        self.addCleanup(unmount, self.layout.data)
        self.keep_some()
        allow_writing(self.layout.data, False)
        self.assertRegex(self.refused(), "(?i)read-only|may only be read")
        allow_writing(self.layout.data, True)
        self.start()
        self.processes.stop("remediator")
        self.assertEqual(KEPT, len(self.recorded("alert_ignored")))

    def test_a_write_error_ends_it_and_the_next_start_has_all_that_was_acknowledged(self):
        """A limit of file sizes stands for a failing disk: SQLite reports both as an I/O error."""
        self.start()
        pid, acknowledged = self.processes.pid("remediator"), []
        log = self.layout.data / "journal.db-wal"
        room = max(log.stat().st_size, self.processes.log_file("remediator").stat().st_size) + 64 * 1024
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, room))

        def ended():
            other = alert(DOWN | {"alertname": "Other"})
            try:
                status, text = self.post(webhook(other))
            except OSError:
                return self.processes.ended()
            self.assertIn(status, (200, 503), text)
            if status == 200:
                acknowledged.append(other["fingerprint"])
            return self.processes.ended()

        wait_for(ended, 30, "it goes on over the limit", every=0)
        self.assertEqual(JOURNAL_BROKE, self.processes.exit_status("remediator"))
        self.assertIn("the journal broke; start again to recover", self.log())
        self.assertGreater(len(acknowledged), 5)
        wait_for(lambda: any("the journal is broken" in text for _, _, text in self.people.since(0)), 15, "nobody was told")
        self.processes.stop("remediator")
        self.start()
        self.processes.stop("remediator")
        kept = {event["key"]["fingerprint"] for event in self.recorded("alert_ignored")}
        self.assertEqual(set(), set(acknowledged) - kept)

    def argv(self):
        return ["/usr/bin/env", "--ignore-signal=XFSZ", *map(str, super().argv())]


if __name__ == "__main__":
    unittest.main(verbosity=2)
