"""This host in a network namespace of its own, with two real links (veth) to a far one, as
tests/fakes/network_lab.hpp has it. Needs root, iproute2 and nftables.

telecom: 10.78.0.2 here, 10.78.0.1 there, carries the default route (metric 100). unicom: 10.79.0.2 and 10.79.0.1,
metric 200. The far host is 10.9.0.1 too."""
import ctypes
import os
import socket
import subprocess
import threading
import unittest
from pathlib import Path

from loop.processes import end_child, wait_for

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000  # <sched.h>
FAR = "10.9.0.1"
LINKS = {"telecom": (78, 100), "unicom": (79, 200)}  # the network, the metric


class TwoLinks:
    """The calling thread lives on the near host until leave(), and so does what it starts meanwhile."""

    @classmethod
    def or_skip(cls):
        for missing, reason in ((os.geteuid() != 0, "network namespaces of its own need root"),
                                (not Path("/usr/sbin/nft").exists(), "nftables is not installed"),
                                (not Path("/usr/sbin/ip").exists() and not Path("/sbin/ip").exists(),
                                 "iproute2 is not installed")):
            if missing:
                print(f"SKIP: {reason}", flush=True)
                raise unittest.SkipTest(reason)
        return cls()

    def __init__(self):
        self._home = namespace()
        self._near = None
        self._far = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        try:
            own = os.readlink("/proc/thread-self/ns/net")
            wait_for(lambda: os.readlink(self.far_network()) != own, 10, "no namespace for the far host")
            call(LIBC.unshare(CLONE_NEWNET), "unshare")
            self._near = namespace()
            self._build()
        except BaseException:
            self.leave()
            raise

    def leave(self):
        call(LIBC.setns(self._home, CLONE_NEWNET), "setns")
        end_child(self._far)

    def far_network(self):
        """The path of the far host's network namespace."""
        return f"/proc/{self._far.pid}/ns/net"

    def over_there(self):
        """What an argv begins with to run on the far host."""
        return ["nsenter", f"--net={self.far_network()}"]

    def listen_far(self, address):
        """A socket that listens over there, at a port of the kernel's choice."""
        with open(self.far_network(), "rb") as far:
            call(LIBC.setns(far.fileno(), CLONE_NEWNET), "setns")
            try:
                return socket.create_server((address, 0))
            finally:
                call(LIBC.setns(self._near, CLONE_NEWNET), "setns")

    def lose_packets(self):
        """The far host throws away every twentieth that comes by telecom, until heal(): loss that our TCP sees,
        which a drop of our own would not be."""
        for rule in ("add table inet lab", "add chain inet lab in { type filter hook input priority 0; }",
                     "add rule inet lab in iifname far0 meta l4proto tcp numgen inc mod 20 0 drop"):
            run(*self.over_there(), "nft", rule)

    def heal(self):
        run(*self.over_there(), "nft", "flush ruleset")

    def _build(self):
        run("ip", "link", "set", "lo", "up")
        run(*self.over_there(), "ip", "link", "set", "lo", "up")
        run(*self.over_there(), "ip", "addr", "add", f"{FAR}/32", "dev", "lo")
        for number, (name, (net, metric)) in enumerate(LINKS.items()):
            peer = f"far{number}"
            run("ip", "link", "add", name, "type", "veth", "peer", "name", peer, "netns", self._far.pid)
            run("ip", "addr", "add", f"10.{net}.0.2/24", "dev", name)
            run("ip", "link", "set", name, "up")
            run(*self.over_there(), "ip", "addr", "add", f"10.{net}.0.1/24", "dev", peer)
            run(*self.over_there(), "ip", "link", "set", peer, "up")
            run("ip", "route", "add", "default", "via", f"10.{net}.0.1", "metric", metric)


class LinkProbe:
    """Sends a little over one link all the time, whatever carries the traffic: counters of a link that nobody uses
    look well."""

    RHYTHM = 0.02  # seconds between two bytes

    def __init__(self, links, link):
        net = LINKS[link][0]
        self._server = links.listen_far(f"10.{net}.0.1")
        # In the network of the link itself: no default route is asked.
        self._client = socket.create_connection(self._server.getsockname(), 10, (f"10.{net}.0.2", 0))
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._taken, _ = self._server.accept()
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._take)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._ending.set()
        self._client.shutdown(socket.SHUT_RDWR)  # ends the other thread's recv
        for thread in self._threads:
            thread.join()
        for each in (self._client, self._taken, self._server):
            each.close()

    def _send(self):
        while not self._ending.wait(self.RHYTHM):
            self._client.sendall(b".")

    def _take(self):
        while self._taken.recv(4096):
            pass


def namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def call(status, what):
    if status != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def run(*argv):
    """What it prints."""
    return subprocess.run(list(map(str, argv)), check=True, capture_output=True, text=True, timeout=60).stdout
