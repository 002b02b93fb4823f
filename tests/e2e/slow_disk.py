"""A disk of its own whose requests take 30 ms each when told to: a loop device on nbdfuse on nbdkit
(device-mapper is not in every kernel). Needs root and the packages nbdkit, nbdkit-plugin-python, libnbd-bin."""
import os
import subprocess
import unittest
from pathlib import Path

from loop.processes import end_child, wait_for

import small_disk

PLUGIN = Path(__file__).with_name("disk_with_a_brake.py")
PYTHON_PLUGIN = "*/nbdkit/plugins/nbdkit-python-plugin.so"  # in /usr/lib


class SlowDisk:
    """`folder` is where it is mounted, `device` its name in /proc/diskstats."""

    @classmethod
    def or_skip(cls, place):
        for missing, reason in ((os.geteuid() != 0, "a disk of its own needs root"),
                                (not Path("/usr/bin/nbdfuse").exists(), "nbdfuse is not installed"),
                                (not any(Path("/usr/lib").glob(PYTHON_PLUGIN)), "nbdkit-plugin-python is not installed"),
                                (not Path("/dev/fuse").exists(), "there is no FUSE here"),
                                (not Path("/dev/loop-control").exists(), "there are no loop devices here")):
            if missing:
                print(f"SKIP: {reason}", flush=True)
                raise unittest.SkipTest(reason)
        return cls(place)

    def __init__(self, place):
        place.mkdir()
        self.folder = place / "disk"
        self.folder.mkdir()
        self._brake = place / "slow"
        self._started = []
        try:
            self.device = self._build(place)
        except BaseException:
            self.remove()
            raise

    def brake(self):
        self._brake.touch()

    def release(self):
        self._brake.unlink(missing_ok=True)

    def remove(self):
        """At once; whoever still writes to it gets an error."""
        self.release()
        small_disk.unmount(self.folder)
        while self._started:
            end_child(self._started.pop())

    def _build(self, place):
        socket, image = place / "nbd.sock", place / "nbd" / "image"
        self._start("nbdkit", "--foreground", "--unix", socket, "python", PLUGIN, f"slow={self._brake}")
        wait_for(socket.exists, 20, "nbdkit does not serve")
        image.parent.mkdir()
        image.touch()
        self._start("nbdfuse", image, "--unix", socket)
        wait_for(lambda: image.stat().st_size > 0, 20, "nbdfuse does not serve")
        device = run("losetup", "--find", "--show", image).strip()
        try:
            run("mkfs.ext4", "-q", "-m", "0", device)
            run("mount", device, self.folder)
        finally:
            run("losetup", "--detach", device)  # as soon as it is mounted nowhere
        return Path(device).name

    def _start(self, *argv):
        self._started.append(subprocess.Popen(list(map(str, argv)), stdin=subprocess.DEVNULL,
                                              start_new_session=True))


def run(*argv):
    """What it prints."""
    return subprocess.run(list(map(str, argv)), check=True, capture_output=True, text=True, timeout=60).stdout
