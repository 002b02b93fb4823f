"""A real Docker Engine of its own in a folder, with an image of busybox, as tests/fakes/docker_host.hpp has it. Needs
root and the packages docker.io and busybox-static. Its containers have no network."""
import os
import signal
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from loop.processes import end_child, wait_for

DAEMON, CLIENT, BUSYBOX = "/usr/sbin/dockerd", "/usr/bin/docker", "/bin/busybox"


class DockerHost:
    @classmethod
    def or_skip(cls, *listen):
        for missing, reason in ((os.geteuid() != 0, "a Docker Engine needs root"),
                                *((not Path(program).exists(), f"{program} is not installed")
                                  for program in (DAEMON, CLIENT, BUSYBOX))):
            if missing:
                print(f"SKIP: {reason}", flush=True)
                raise unittest.SkipTest(reason)
        return cls(*listen)

    def __init__(self, *listen):
        """`listen`: arguments of dockerd for a second way to it, over TCP."""
        folder = self._folder = Path(tempfile.mkdtemp(prefix="medic-docker-"))  # a socket's path is short
        self.socket, self._containers = folder / "docker.sock", []
        self._daemon = subprocess.Popen(
            [DAEMON, "--iptables=false", "--ip6tables=false", "--bridge=none", "--log-level=error",
             "--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", folder / "pid",
             "-H", f"unix://{self.socket}", *listen],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: self.run("version").returncode == 0, 60, "dockerd does not answer")
            image = folder / "image"
            (image / "bin").mkdir(parents=True)
            (image / "bin/busybox").write_bytes(Path(BUSYBOX).read_bytes())
            (image / "bin/busybox").chmod(0o755)
            (image / "bin/sh").symlink_to("busybox")
            subprocess.run(["tar", "-c", "-C", image, "-f", folder / "image.tar", "."], check=True, timeout=60)
            self.docker("import", folder / "image.tar", "busybox:1")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for name in self._containers:
            self.run("rm", "-f", name)
        self._daemon.send_signal(signal.SIGTERM)
        end_child(self._daemon)
        shutil.rmtree(self._folder)

    def run_container(self, name, script, *options):
        self._containers.append(name)
        self.docker("run", "-d", "--network=none", "--name", name, *options, "busybox:1", "/bin/sh", "-c", script)

    def docker(self, *arguments):
        ran = self.run(*arguments)
        if ran.returncode != 0:
            raise AssertionError(f"docker {' '.join(map(str, arguments))}: {ran.stderr}")

    def run(self, *arguments):
        return subprocess.run([CLIENT, "-H", f"unix://{self.socket}", *map(str, arguments)],
                              capture_output=True, text=True, timeout=60)
