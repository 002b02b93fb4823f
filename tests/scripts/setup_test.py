"""scripts/setup with a made-up apt, dpkg and sudo: what it asks of them, and what it leaves behind."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

SETUP = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup"
WANTED = re.findall(r"^(?:run|develop) +(\S+)", (SETUP.parent / "packages.txt").read_text(encoding="utf-8"), re.M)
MARK = "# Written by Fieldmedic's scripts/setup for the time of one installation."

FAKES = {
    "dpkg-query": 'if [[ $1 == -W ]]; then sed "s/^/installed /" "$LAB/installed"; fi',
    "sudo": 'exec "$@"',
    "systemctl": "exit 0",
    "update-rc.d": "exit 0",
    # Keeps what it was called with, and the policy-rc.d of that moment. An installation waits for the file
    # `go`, so that a test can look at it while it runs.
    "apt-get": '''
echo "$*" >>"$LAB/calls"
case " $* " in
  *" --simulate "*) cat "$LAB/simulated" ;;
  *" update "*) exit "$(cat "$LAB/update_status")" ;;
  *" install "*)
    cp -P "$LAB/usr/sbin/policy-rc.d" "$LAB/policy_seen" 2>/dev/null
    mkdir "$LAB/installing" || { echo "two at once" >>"$LAB/calls"; exit 100; }
    until [[ -e $LAB/go || ! -e $LAB/pipe ]]; do read -rt 0.05 <>"$LAB/pipe"; done
    rmdir "$LAB/installing"
    for word; do [[ $word == -* ]] || echo "$word" >>"$LAB/installed"; done ;;
esac''',
}


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lab = pathlib.Path(folder.name)
        for name in ("bin", "usr/sbin", "run"):
            (self.lab / name).mkdir(parents=True)
        for name, text in FAKES.items():
            (self.lab / "bin" / name).write_text(f"#!/bin/bash\n{text}\n")
            (self.lab / "bin" / name).chmod(0o755)
        os.mkfifo(self.lab / "pipe")
        self.write("update_status", "0")
        self.write("simulated", "Inst rsyslog [1]\nConf rsyslog [1]\n")
        self.write("installed", "\n".join(name for name in WANTED if name != "rsyslog") + "\n")
        self.write("go", "")
        self.policy = self.lab / "usr/sbin/policy-rc.d"

    def write(self, name, text):
        (self.lab / name).write_text(text)

    def read(self, name):
        path = self.lab / name
        return path.read_text() if path.exists() else ""

    def start(self):
        path = f"{self.lab}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {"PATH": path, "LAB": str(self.lab), "FIELDMEDIC_SETUP_ROOT": str(self.lab)}
        process = subprocess.Popen([SETUP], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        return process

    def run_setup(self, wanted_status=0):
        process = self.start()
        output = process.communicate(timeout=60)[0]
        self.assertEqual(wanted_status, process.returncode, output)
        return output

    def installations(self):
        return [call for call in self.read("calls").splitlines() if " install " in call and "--simulate" not in call]

    def until(self, what, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def test_nothing_is_asked_of_apt_when_all_is_installed(self):
        self.write("installed", "\n".join(WANTED) + "\n")
        self.assertEqual("", self.run_setup())
        self.assertEqual("", self.read("calls"))
        self.assertEqual([], os.listdir(self.lab / "run"))

    def test_what_is_missing_is_installed_removing_nothing_and_starting_nothing(self):
        output = self.run_setup()
        self.assertIn("rsyslog", output)
        self.assertIn("setup: installed", output)
        self.assertEqual(1, len(self.installations()))
        for word in ("--no-remove", "--no-install-recommends", " rsyslog"):
            self.assertIn(word, self.installations()[0])
        self.assertEqual(f"#!/bin/sh\n{MARK}\nexit 101\n", self.read("policy_seen"))
        self.assertFalse(self.policy.exists())

    def test_it_refuses_to_remove_a_package_and_names_it(self):
        self.write("simulated", "Remv syslog-ng-core [3.38]\nRemv syslog-ng [3.38]\nInst rsyslog [1]\n")
        output = self.run_setup(wanted_status=1)
        self.assertIn("would remove from this host: syslog-ng-core syslog-ng. So nothing was installed.", output)
        self.assertEqual([], self.installations())
        self.assertFalse(self.policy.exists())

    def test_without_a_network_the_lists_that_are_here_serve(self):
        self.write("update_status", "100")
        self.assertIn("apt-get update failed; going on", self.run_setup())
        self.assertEqual(1, len(self.installations()))

    def test_a_policy_of_the_host_stays(self):
        self.policy.write_text("#!/bin/sh\nexit 0\n")
        self.run_setup()
        self.assertEqual("#!/bin/sh\nexit 0\n", self.read("policy_seen"))
        self.assertEqual("#!/bin/sh\nexit 0\n", self.policy.read_text())

    def test_a_policy_that_a_killed_run_left_is_taken_away(self):
        self.policy.write_text(f"#!/bin/sh\n{MARK}\nexit 101\n")
        self.run_setup()
        self.assertFalse(self.policy.exists())

    def test_a_policy_that_is_a_link_stays_and_is_not_written_through(self):
        target = self.lab / "policy-of-the-host"
        for text in (None, f"#!/bin/sh\n{MARK}\nexit 101\n"):
            with self.subTest(text):
                self.policy.unlink(missing_ok=True)
                self.policy.symlink_to(target)
                if text is not None:
                    target.write_text(text)
                self.write("installed", "\n".join(name for name in WANTED if name != "rsyslog") + "\n")
                self.run_setup()
                self.assertTrue(self.policy.is_symlink())
                self.assertEqual(text, target.read_text() if target.exists() else None)

    def test_two_at_once_take_turns(self):
        (self.lab / "go").unlink()
        first = self.start()
        self.until("the first installs", lambda: (self.lab / "installing").exists())
        second = self.start()
        for line in second.stdout:
            if "another scripts/setup runs" in line:
                break
        else:
            self.fail("the second does not say that it waits")
        self.write("go", "")
        for process in (first, second):
            self.assertEqual(0, process.wait(timeout=60))
        self.assertNotIn("two at once", self.read("calls"))
        self.assertFalse(self.policy.exists())


def is_debian_12():
    release = pathlib.Path("/etc/os-release")
    return release.exists() and {"ID=debian", 'VERSION_ID="12"'} <= set(release.read_text().splitlines())


if __name__ == "__main__":
    if not is_debian_12():
        print("SKIP: scripts/setup installs on Debian 12 only")
        sys.exit()
    unittest.main(verbosity=2)
