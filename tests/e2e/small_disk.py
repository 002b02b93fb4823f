"""A small disk of its own (tmpfs); needs root."""
import ctypes
import os
import unittest

DISK = 4 * 1024 * 1024  # bytes
LIBC = ctypes.CDLL(None, use_errno=True)


def mount(folder):
    if LIBC.mount(b"none", os.fsencode(folder), b"tmpfs", 0, f"size={DISK}".encode()) != 0:
        reason = f"tmpfs cannot be mounted here: {os.strerror(ctypes.get_errno())}"
        print(f"SKIP: {reason}", flush=True)
        raise unittest.SkipTest(reason)


def allow_writing(folder, allowed):
    ms_rdonly, ms_remount = 1, 32  # <sys/mount.h>
    flags = ms_remount | (0 if allowed else ms_rdonly)
    if LIBC.mount(b"none", os.fsencode(folder), None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def unmount(folder):
    lazily = 2  # MNT_DETACH, <sys/mount.h>
    LIBC.umount2(os.fsencode(folder), lazily)
