"""A collector that can be overloaded: instances of a template of systemd that share one spool, each so fast and no
faster, and what fills the spool. A record that nobody takes within a second is lost, and counted as a failure."""
import json
import os
import threading
import time
from pathlib import Path

from systemd_host import SystemdHost

TEMPLATE = "intake@.service"
INSTANCE_RATE = 25  # records a second
LOST_AFTER = 1.0  # seconds
SPOOL = "/run/intake"

WORKER = '''\
import os, sys, time
spool, pause = sys.argv[1], 1 / float(sys.argv[2])
while True:
    for name in sorted(os.listdir(spool + "/new")):
        try:
            os.rename(f"{spool}/new/{name}", f"{spool}/done/{name}")
        except FileNotFoundError:
            continue  # another instance was faster, or it is lost
        break
    time.sleep(pause)
'''


class Intake:
    """`rate` records a second come in; may be set at any time. Its report lies in `report`, its program in `worker`."""

    def __init__(self, folder):
        folder.mkdir()
        self.rate = INSTANCE_RATE / 4
        self.report = folder / "counters.json"
        self.worker = worker = folder / "intake-worker.py"
        worker.write_text(WORKER)
        self.host = SystemdHost.or_skip(folder / "units", {TEMPLATE: (
            f"[Service]\nExecStart=/usr/bin/python3 -S {worker} {SPOOL} {INSTANCE_RATE}\nRestart=on-failure\n")},
            [worker])
        self._new, self._done = (self.host.path(f"{SPOOL}/{name}") for name in ("new", "done"))
        for folder in (self._new, self._done):
            folder.mkdir(parents=True)
        self.host.systemctl("start", self.instance(1))
        self._taken = self._lost = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    @staticmethod
    def instance(number):
        return TEMPLATE.replace("@", f"@{number}")

    def states(self, most):
        return [self.host.state_of(self.instance(number)) for number in range(1, most + 1)]

    def stop(self):
        self._ending.set()
        self._thread.join()
        self.host.stop()

    def _run(self):
        number, due = 0, time.monotonic()
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            due += 1 / self.rate
            number += 1
            (self._new / f"{time.monotonic():.6f}-{number}").touch()
            self._count()

    def _count(self):
        for name in os.listdir(self._done):
            (self._done / name).unlink()
            self._taken += 1
        for name in os.listdir(self._new):
            if time.monotonic() - float(name.partition("-")[0]) > LOST_AFTER:
                try:
                    (self._new / name).unlink()
                    self._lost += 1
                except FileNotFoundError:
                    pass  # taken at the last moment
        fresh = Path(f"{self.report}.new")
        fresh.write_text(json.dumps({"taken": self._taken, "lost": self._lost}))
        fresh.replace(self.report)
