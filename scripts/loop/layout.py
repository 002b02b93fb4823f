"""Where everything of one loop lies: one state folder, nothing outside of it."""
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = "lab"  # the name of the one host that the loop watches


class Refused(Exception):
    """Something a person must change first; the message says what."""


@dataclass(frozen=True)
class Programs:
    """The programs of the loop, as absolute paths."""
    exporter: str
    remediator: str
    tool: str
    prometheus: str = "/usr/bin/prometheus"
    alertmanager: str = "/usr/bin/prometheus-alertmanager"
    rsyslogd: str = "/usr/sbin/rsyslogd"

    @classmethod
    def built_in(cls, folder):
        folder = Path(folder).resolve()
        return cls(str(folder / "fieldmedic-exporter"), str(folder / "fieldmedic-remediator"),
                   str(folder / "fieldmedic"))

    def missing(self):
        return [path for path in vars(self).values() if not os.access(path, os.X_OK)]


class Layout:
    """The folders of a state; made on first use, readable by their owner only."""

    FOLDERS = ("conf", "log", "secrets", "data", "orders", "archive")

    def __init__(self, state):
        try:
            self.state = Path(state).expanduser().resolve()
        except RuntimeError:  # no $HOME, and no such user
            raise Refused(f"there is no home folder for {state}; choose another folder with --state") from None
        # What the configurations of the parts would take for something else.
        if any(bad in str(self.state) for bad in '"\'\\\n$ ,[]{}*?'):
            raise Refused("the state folder's name must hold no space, comma, quote, bracket, brace, *, ?, $ or "
                          f"backslash: {self.state}")
        self.conf, self.log, self.secrets, self.data, self.orders, self.archive = (
            self.state / name for name in self.FOLDERS)

    def make(self):
        # rsyslog, Prometheus and the journal write here; passwords lie here.
        self.state.mkdir(parents=True, exist_ok=True)
        if not (self.state / "lock").is_file() and not {p.name for p in self.state.iterdir()} <= set(self.FOLDERS):
            # Nobody else could use it (/tmp, a home) any more.
            raise Refused(f"{self.state} holds what is not ours; choose a folder that is new or empty with --state")
        self.state.chmod(0o700)
        for name in self.FOLDERS:
            (self.state / name).mkdir(exist_ok=True)
        for collector in (self.orders, self.archive):
            (collector / "work").mkdir(exist_ok=True)
        return self

    def lock(self):
        """Held until the process ends: two loops must not share a state."""
        handle = open(self.state / "lock", "a+", encoding="ascii")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise Refused(f"another scripts/up (pid {handle.read().strip() or 'unknown'}) uses {self.state}; "
                          "end it, or choose another folder with --state") from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        return handle
