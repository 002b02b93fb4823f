# The disk of slow_disk.py: 64 MiB of memory, served by nbdkit, that takes 30 ms a request while the file
# `slow` is there. nbdkit's own filter `delay` cannot be changed while it runs.
import os
import time

import nbdkit

API_VERSION = 2
SIZE = 64 * 1024 * 1024  # bytes
DELAY = 0.030  # seconds

content = bytearray(SIZE)
brake = None


def config(key, value):
    global brake
    if key != "slow":
        raise RuntimeError(f"unknown parameter {key}")
    brake = value


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):  # noqa: A001, nbdkit's name
    return 1


def get_size(_handle):
    return SIZE


def can_flush(_handle):
    return True


def flush(_handle, _flags):
    pass


def wait():
    if os.path.exists(brake):
        time.sleep(DELAY)


def pread(_handle, buffer, offset, _flags):
    wait()
    buffer[:] = content[offset:offset + len(buffer)]


def pwrite(_handle, buffer, offset, _flags):
    wait()
    content[offset:offset + len(buffer)] = buffer
