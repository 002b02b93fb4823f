"""Starts programs, waits until they are ready, and ends them by their id, last first."""
import ctypes
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .layout import Refused

POLL = 0.1  # seconds between two looks
# What every wait is multiplied by: the tests set it, for a slow machine that runs others beside them.
PATIENCE = float(os.environ.get("FIELDMEDIC_PATIENCE", "1"))
END_PATIENCE = 10.0 * PATIENCE  # seconds between SIGTERM and SIGKILL


def wait_for(condition, seconds, what, every=POLL):
    """What `condition` returned once it is true; Refused(what) when it is not within `seconds` (times PATIENCE)."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise Refused(f"{what() if callable(what) else what} (waited {seconds:.0f} s)")
        time.sleep(every)


@dataclass(frozen=True)
class Identity:
    """A process is told by pid *and* start time: pids are reused."""
    pid: int
    start_ticks: int  # field 22 of /proc/PID/stat: clock ticks since boot

    @classmethod
    def of(cls, pid):
        """None when there is no such living process."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    def alive(self):
        return Identity.of(self.pid) == self

    def started_boottime(self):
        """Seconds of CLOCK_BOOTTIME, to a clock tick."""
        return self.start_ticks / os.sysconf("SC_CLK_TCK")

    def variable(self, name):
        """The value of one variable of its environment, or None."""
        try:
            entries = Path(f"/proc/{self.pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return None
        prefix = name.encode() + b"="
        return next((e[len(prefix):].decode() for e in entries if e.startswith(prefix)), None)

    def end(self):
        """SIGTERM, then SIGKILL; returns when it is gone."""
        for number, patience in ((signal.SIGTERM, END_PATIENCE), (signal.SIGKILL, END_PATIENCE)):
            if not self.alive():
                return
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + patience
            while self.alive() and time.monotonic() < deadline:
                reap(self.pid)
                time.sleep(POLL / 5)


def reap(pid):
    """Takes the exit status of a child that has ended; others are not ours to take."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def adopt_orphans():
    """Makes us the parent of daemons that our children leave behind, so that reap() can take their
    exit status where pid 1 does not (a container's sleep) or not at once."""
    pr_set_child_subreaper = 36  # <linux/prctl.h>
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


class Processes:
    """The programs that one loop started. Each is a session of its own: Ctrl-C reaches us alone,
    and we end them in order."""

    def __init__(self, layout):
        self.layout = layout
        self.started = []  # (name, Popen)

    def start(self, name, argv, ready, seconds=30.0, environment=None):
        """`ready()` is asked until it is true. Its output goes to log/NAME.log. `environment` is added to ours."""
        log = self.log_file(name)
        with open(log, "ab") as output:
            process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=output, start_new_session=True, cwd=self.layout.state,
                                       env=os.environ | (environment or {}))
        self.started.append((name, process))

        def ready_or_dead():
            if process.poll() is not None:
                raise Refused(f"{name} ended with status {process.returncode}; the end of {log}:\n{tail(log)}")
            return ready()

        wait_for(ready_or_dead, seconds, lambda: f"{name} is not ready; the end of {log}:\n{tail(log)}\n")
        return process

    def log_file(self, name):
        return self.layout.log / f"{name}.log"

    def pid(self, name):
        return next(process.pid for started, process in self.started if started == name)

    def exit_status(self, name):
        """As subprocess has it: negative for a signal; None while it runs."""
        return next(process.poll() for started, process in self.started if started == name)

    def ended(self):
        """Names of programs that ended by themselves."""
        return [name for name, process in self.started if process.poll() is not None]

    def stop(self, name):
        """Ends one and forgets it."""
        for entry in [e for e in self.started if e[0] == name]:
            end_child(entry[1])
            self.started.remove(entry)

    def stop_all(self):
        while self.started:
            end_child(self.started[-1][1])
            self.started.pop()


def end_child(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tail(path, lines=12):
    try:
        return "\n".join("  " + line for line in path.read_text(errors="replace").splitlines()[-lines:])
    except OSError as failure:
        return f"  ({failure})"


def of_state(state, programs):
    """[(path, Identity)]: living processes of these programs that were given a configuration of this state."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            path = os.readlink(process / "exe").removesuffix(" (deleted)")
            argv = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it ended, is a kernel thread or not ours
        identity = Identity.of(int(process.name))
        # FILE or --flag=FILE: the state /tmp/up is no other's that only ends like it (/var/tmp/up).
        files = [argument.partition("=")[2] if argument.startswith("-") else argument for argument in argv]
        if identity and path in programs and any(file.startswith(f"{state}/conf/") for file in files):
            found.append((path, identity))
    return found
