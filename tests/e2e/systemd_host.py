"""A real systemd with its own D-Bus in a container (systemd-nspawn), as tests/fakes/systemd_host.hpp has it.
Needs root and the packages systemd-container and dbus."""
import os
import signal
import subprocess
import unittest
from pathlib import Path

from loop.processes import end_child, wait_for

from own_cgroup import OwnCgroup

BUS = "/run/dbus/system_bus_socket"
# Sees the container's bus where the host's would be.
WITH_BUS = 'mount -t tmpfs none /run && ln -s "$1" /run/dbus && shift && exec "$@"'


class SystemdHost:
    @classmethod
    def or_skip(cls, *arguments):
        for missing, reason in ((os.geteuid() != 0, "a host with systemd needs root"),
                                (not Path("/usr/bin/systemd-nspawn").exists(), "systemd-nspawn is not installed"),
                                (not Path("/usr/bin/dbus-daemon").exists(), "dbus-daemon is not installed")):
            if missing:
                print(f"SKIP: {reason}", flush=True)
                raise unittest.SkipTest(reason)
        return cls(*arguments)

    def __init__(self, folder, units, programs, network=("--private-network",)):
        """`units`: name to text. `programs` are there under the paths that they have here. `network`: arguments of
        systemd-nspawn; without any it is this machine's."""
        folder.mkdir()
        binds = [f"--bind-ro={program}" for program in programs]
        for name, text in units.items():
            (folder / name).write_text(text)
            binds.append(f"--bind-ro={folder / name}:/run/systemd/system/{name}")
        self._group = OwnCgroup(f"fieldmedic{os.getpid()}")
        self.nspawn = subprocess.Popen(self._group.entering(
            ["/usr/bin/systemd-nspawn", "-D", "/", "--volatile=yes", "--register=no", "--keep-unit",
             *network, "-M", f"fieldmedic{os.getpid()}", "--bind-ro=/etc/passwd", "--bind-ro=/etc/group",
             "--console=pipe", *binds, "-b", "systemd.firstboot=off", "systemd.mask=ssh.service",
             "systemd.mask=ssh.socket", "systemd.mask=masked.service", "systemd.unit=basic.target"]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.leader = wait_for(self._find_leader, 60, "the container does not start")
            wait_for(lambda: self.state_of("basic.target") == "active", 60, "systemd in there does not start")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.nspawn.send_signal(signal.SIGTERM)  # powers the container off
        end_child(self.nspawn)
        self._group.remove()

    def path(self, inside):
        return Path(f"/proc/{self.leader}/root{inside}")

    def with_its_bus(self, argv):
        return ["/usr/bin/unshare", "--mount", "--propagation=private", "/bin/sh", "-ec", WITH_BUS, "with-bus",
                str(self.path(BUS).parent), *map(str, argv)]

    def state_of(self, unit):
        return self.systemctl("show", "--property=ActiveState", "--value", unit)

    def systemctl(self, *arguments):
        """What it prints."""
        return self.inside("/usr/bin/systemctl", *arguments)

    def inside(self, *argv):
        """What a program prints that runs in there."""
        ran = subprocess.run(["/usr/bin/nsenter", "--target", str(self.leader), "--mount", "--pid", "--", *argv],
                             capture_output=True, text=True, check=False)
        return ran.stdout.strip()

    def _find_leader(self):
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children")
        try:
            for pid in children.read_text().split():
                if Path(os.readlink(f"/proc/{pid}/exe")).name == "systemd":
                    return int(pid)
        except OSError:
            pass  # one of its helpers ended at this moment
        return None
