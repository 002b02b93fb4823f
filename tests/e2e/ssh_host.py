"""This machine, as a host over SSH: a real sshd of its own on a loopback port, for the user that runs the test.
Needs the packages openssh-server and openssh-client."""
import getpass
import os
import signal
import socket
import subprocess
import unittest
from pathlib import Path

from loop.ports import Ports
from loop.processes import end_child, wait_for

SSHD, KEYGEN = "/usr/sbin/sshd", "/usr/bin/ssh-keygen"
CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/id.pub
UsePAM no
StrictModes no
PidFile none
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 500
MaxSessions 20
ForceCommand cd {folder}/home && eval "$SSH_ORIGINAL_COMMAND"
"""


class SshHost:
    @classmethod
    def or_skip(cls, folder):
        for program in (SSHD, KEYGEN):
            if not Path(program).exists():
                print(f"SKIP: {program} is not installed", flush=True)
                raise unittest.SkipTest(f"{program} is not installed")
        return cls(folder)

    def __init__(self, folder):
        self._folder, self._port = folder, Ports.free().exporter
        (folder / "home").mkdir(parents=True)
        for key in ("host", "id"):
            subprocess.run([KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True, timeout=30)
        (folder / "sshd_config").write_text(CONFIG.format(folder=folder, port=self._port))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd wants it then
        self._daemon = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "sshd_config"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, 20, "sshd does not answer")

    def access(self):
        """`reach` of the configuration."""
        known = self._folder / "known_hosts"
        kind, key = (self._folder / "host.pub").read_text().split()[:2]
        known.write_text(f"[127.0.0.1]:{self._port} {kind} {key}\n")
        return {"ssh": {"address": "127.0.0.1", "port": self._port, "user": getpass.getuser(),
                        "key_file": str(self._folder / "id"), "known_hosts_file": str(known), "connect_timeout": "20s"}}

    def stop(self):
        self._daemon.send_signal(signal.SIGTERM)
        end_child(self._daemon)

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True
