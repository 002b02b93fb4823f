"""A control group of its own below that of this process, as tests/fakes/own_cgroup.hpp has it: two systemds in one
group take each other's processes for their own."""
import os
from pathlib import Path

from loop.layout import Refused
from loop.processes import wait_for

ROOT = Path("/sys/fs/cgroup")
ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"'


class OwnCgroup:
    """Where none can be made it has no effect."""

    def __init__(self, name):
        self._folders = []
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            number, hierarchy, own = line.split(":", 2)
            if number == "0":
                mount = ROOT if (ROOT / "cgroup.procs").exists() else ROOT / "unified"
            elif hierarchy == "name=systemd":
                mount = ROOT / "systemd"
            else:
                continue
            folder = mount / own.lstrip("/") / name
            try:
                folder.mkdir(exist_ok=True)  # one that an earlier pid left will do
            except OSError:
                continue
            self._folders.append(folder)

    def entering(self, argv):
        """What runs `argv` in there."""
        members = [str(folder / "cgroup.procs") for folder in self._folders]
        return ["/bin/sh", "-c", ENTER, "enter", *members, "--", *map(str, argv)]

    def remove(self):
        """When nobody lives in there any more."""
        try:
            wait_for(lambda: all([removed(folder) for folder in self._folders]), 15, "somebody still lives in there")
        except Refused:
            pass  # an empty group that stays harms nobody


def removed(folder):
    """The deepest first; whether all of it is gone."""
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            os.rmdir(path)
        except OSError:
            return False
    return True
