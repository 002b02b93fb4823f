"""A kernel of its own in a process (Debian's user-mode-linux), for what this machine's kernel has no module of. It
sees this machine's files, which it cannot write, and has a network of its own. Needs root, as what runs in it is.

Programs with AddressSanitizer have no room for their shadow in there: it is for those of the release."""
import ctypes
import os
import shlex
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

KERNEL = Path("/usr/bin/linux.uml")
MODULES = Path("/usr/lib/uml/modules")
MEMORY = 256  # MB, taken as they are used
SHARED = Path("/dev/shm")  # where it has its memory
RUNS, ENDED = "the kernel of its own runs", "what ran in it ended with"
LIBC = ctypes.CDLL(None, use_errno=True)
FINIT_MODULE = 313  # <asm/unistd_64.h>

# Its first process. Nothing is kept: what it writes is in memory, what it says goes to the console.
INIT = f"""#!/bin/sh
echo '{RUNS}'
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mkdir /run/tmp
ip link set lo up
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run/tmp {{environment}} {{argv}} 2>&1
echo '{ENDED}' $?
echo o > /proc/sysrq-trigger
exec sleep 60
"""


def run_in_it(folder, argv, environment, seconds):
    """(exit status, what it printed); skips where the kernel cannot run at all. `folder` is a new one for its files."""
    if not KERNEL.exists():
        skip("user-mode-linux is not installed")
    if os.geteuid() != 0:
        skip("the kernel of its own reads what root reads")
    if SHARED.is_mount() and shutil.disk_usage(SHARED).free < MEMORY << 20:
        skip(f"{SHARED} has no {MEMORY} MB for the kernel of its own")
    init = Path(folder) / "init"
    init.write_text(INIT.format(argv=shlex.join(map(str, argv)), environment=shlex.join(
        f"{name}={value}" for name, value in environment.items())))
    init.chmod(0o755)
    kernel = subprocess.Popen(
        [str(KERNEL), "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", f"mem={MEMORY}M", f"init={init}",
         "con=null", "con0=null,fd:1", "quiet", f"uml_dir={folder}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output = kernel.communicate(timeout=seconds)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(kernel.pid, signal.SIGKILL)  # and what it holds of its own processes
        output = kernel.communicate()[0].decode(errors="replace")
        raise AssertionError(f"it does not end within {seconds} s:\n{output}") from None
    if RUNS not in output:
        skip(f"user-mode-linux cannot run here: {output.strip().splitlines()[-1:]}")
    before, _, status = output.rpartition(ENDED)
    return int(status.split()[0]) if before else None, before or output


def load_module(name, parameters=""):
    """Inside: a module, after those that it stands on."""
    folder = MODULES / os.uname().release
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, needs = line.partition(":")
        if Path(path).stem != name:
            continue
        for needed in reversed(needs.split()):
            insert(folder / needed, "")
        insert(folder / path, parameters)
        return
    raise FileNotFoundError(f"no module {name} in {folder}")


def insert(path, parameters):
    with open(path, "rb") as file:
        status = LIBC.syscall(FINIT_MODULE, file.fileno(), parameters.encode(), 0)
    error = ctypes.get_errno()
    if status != 0 and error != 17:  # EEXIST
        raise OSError(error, f"{path}: {os.strerror(error)}")


def skip(reason):
    print(f"SKIP: {reason}", flush=True)
    raise unittest.SkipTest(reason)
