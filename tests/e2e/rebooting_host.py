"""A host of its own behind a link: a real systemd in a container (systemd-nspawn) in a network namespace, with sshd,
which comes up again when it is told to reboot, with another boot id. Needs root and the packages
systemd-container, dbus, openssh-server, openssh-client, iproute2."""
import os
import signal
import subprocess
import threading
import unittest
from pathlib import Path

from loop.processes import END_PATIENCE, end_child, wait_for

from own_cgroup import OwnCgroup

REBOOT = 133  # systemd-nspawn's exit status with --keep-unit
SSH_PORT = 2222
SSHD_CONFIG = """\
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/id.pub
UsePAM no
StrictModes no
PidFile none
PasswordAuthentication no
"""
SSHD_UNIT = """\
[Service]
RuntimeDirectory=sshd
ExecStart=/usr/sbin/sshd -D -e -f {folder}/sshd_config
"""


class RebootingHost:
    """`starts` counts how often it was started. `shared` is there under the same path, and outlives a reboot."""

    @classmethod
    def or_skip(cls, *arguments):
        for missing, reason in ((os.geteuid() != 0, "a host with systemd needs root"),
                                *((not Path(program).exists(), f"{program} is not installed") for program in (
                                    "/usr/bin/systemd-nspawn", "/usr/bin/dbus-daemon", "/usr/sbin/sshd",
                                    "/usr/bin/ssh-keygen"))):
            if missing:
                print(f"SKIP: {reason}", flush=True)
                raise unittest.SkipTest(reason)
        return cls(*arguments)

    def __init__(self, shared, namespace, units, programs=()):
        """`namespace`: the path of its network. `units`: name to text, of those that start with it. `programs` are
        there under the paths that they have here."""
        self.shared, self.starts = shared, 0
        self._folder = shared / "ssh"
        self._folder.mkdir(parents=True, exist_ok=True)
        for key in ("host", "id"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._folder / key)
        (self._folder / "sshd_config").write_text(SSHD_CONFIG.format(folder=self._folder, port=SSH_PORT))
        units = units | {"lab-sshd.service": SSHD_UNIT.format(folder=self._folder)}
        self._argv = ["/usr/bin/systemd-nspawn", "-D", "/", "--volatile=yes", "--register=no", "--keep-unit",
                      "-M", f"fieldmedic-reboot{os.getpid()}", f"--network-namespace-path={namespace}",
                      "--bind-ro=/etc/passwd", "--bind-ro=/etc/group", f"--bind={shared}", "--console=pipe"]
        self._argv += [f"--bind-ro={program}" for program in programs]
        for name, text in units.items():
            (shared / name).write_text(text)
            self._argv.append(f"--bind-ro={shared / name}:/run/systemd/system/{name}")
        self._argv += ["-b", "systemd.firstboot=off", "systemd.mask=ssh.service", "systemd.mask=ssh.socket",
                       "systemd.unit=multi-user.target",
                       *(f"systemd.wants={name}" for name in units)]
        self._group = OwnCgroup(f"fieldmedic-reboot{os.getpid()}")
        self._nspawn, self._ending = None, False
        self._lock = threading.Lock()
        self._boot()
        self._thread = threading.Thread(target=self._boot_again, name="power", daemon=True)
        self._thread.start()

    def access(self, address):
        """`reach` of the configuration."""
        known = self._folder / "known_hosts"
        kind, key = (self._folder / "host.pub").read_text().split()[:2]
        known.write_text(f"[{address}]:{SSH_PORT} {kind} {key}\n")
        return {"ssh": {"address": address, "port": SSH_PORT, "user": "root", "key_file": str(self._folder / "id"),
                        "known_hosts_file": str(known)}}

    def path(self, inside):
        """Where a file of it is found here, as it runs now."""
        leader = wait_for(self._find_leader, 30, "the container does not start")
        return Path(f"/proc/{leader}/root{inside}")

    def stop(self):
        with self._lock:
            self._ending = True
            if self._nspawn.poll() is None:
                self._nspawn.send_signal(signal.SIGTERM)  # powers it off
        self._thread.join(END_PATIENCE)
        end_child(self._nspawn)
        self._group.remove()

    def _command(self):
        return list(map(str, self._argv))

    def _boots_again(self, status):
        return status == REBOOT

    def _boot(self):
        self.starts += 1
        self._nspawn = subprocess.Popen(self._group.entering(self._command()), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _find_leader(self):
        nspawn = self._nspawn.pid
        try:
            for pid in Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split():
                if Path(os.readlink(f"/proc/{pid}/exe")).name == "systemd":
                    return int(pid)
        except OSError:
            pass  # it ends or begins at this moment
        return None

    def _boot_again(self):
        while self._boots_again(self._nspawn.wait()):
            with self._lock:
                if self._ending:
                    return
                self._boot()


class PoweredHost(RebootingHost):
    """It hangs, and is reset by its power. What it says of its uptime is its own: it lives in a time namespace that
    begins with each boot."""

    @classmethod
    def or_skip(cls, *arguments):
        if not Path("/proc/self/ns/time").exists():
            print("SKIP: this kernel has no time namespaces", flush=True)
            raise unittest.SkipTest("no time namespaces")
        return super().or_skip(*arguments)

    def __init__(self, *arguments):
        self._cut = threading.Event()
        super().__init__(*arguments)

    def hang(self):
        """As when its kernel does: nothing in it runs any more, and who connects is not answered."""
        leader = wait_for(self._find_leader, 30, "the container does not start")
        inside = os.readlink(f"/proc/{leader}/ns/pid")
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and os.readlink(entry / "ns/pid") == inside:
                    os.kill(int(entry.name), signal.SIGSTOP)
            except OSError:
                continue  # it ended

    def reset(self):
        """Its power goes, and comes back."""
        leader = self._find_leader()
        self._cut.set()
        if leader:
            os.kill(leader, signal.SIGKILL)

    def _command(self):
        since_boot = int(float(Path("/proc/uptime").read_text().split()[0]))
        return ["/usr/bin/unshare", "--time", "--boottime", f"-{since_boot}", "--", *super()._command()]

    def _boots_again(self, status):
        was_cut = self._cut.is_set()
        self._cut.clear()
        return was_cut or super()._boots_again(status)


def run(*argv):
    subprocess.run(list(map(str, argv)), check=True, capture_output=True, timeout=60)
