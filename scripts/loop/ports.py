"""The ports of the loop: all on 127.0.0.1, known before anything starts."""
import os
import random
import socket
from dataclasses import dataclass, fields
from pathlib import Path

from .layout import Refused


@dataclass(frozen=True)
class Ports:
    exporter: int = 9987
    remediator: int = 9988
    people: int = 9989      # the stand-in for the WeCom robot and the SMS gateway
    archive: int = 9986     # where the collector `archive` listens
    prometheus: int = 9090
    alertmanager: int = 9093

    @classmethod
    def from_base(cls, base):
        return cls(*range(base, base + len(fields(cls))))

    @classmethod
    def free(cls):
        """Ports of free_port, for tests."""
        return cls(*(free_port() for _ in fields(cls)))

    @classmethod
    def from_environment(cls, base=None, environment=os.environ):
        """FIELDMEDIC_PORT_PROMETHEUS and its like, over `base`, over the defaults."""
        chosen = dict(vars(cls.from_base(base) if base else cls()))
        for name in chosen:
            value = environment.get(variable(name))
            if value is None:
                continue
            if not value.isdecimal() or not 0 < int(value) < 65536:
                raise Refused(f"{variable(name)} wants a port number, got '{value}'")
            chosen[name] = int(value)
        return cls(**chosen)


_claims = []  # abstract sockets, held until this process ends


def free_port():
    """A port that nobody holds now, nor will another test before its server does: it lies below what the kernel
    gives to connections and to those who ask for any port, and is claimed by a name (tests/fakes/free_port.hpp
    takes the same names)."""
    while True:
        port = random.randrange(20_000, 32_000)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0fieldmedic-port-{port}")
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        if is_free(port):
            return port


def variable(name):
    return "FIELDMEDIC_PORT_" + name.upper()


def require_free(ports):
    """Refuses with every busy port at once, who holds it, and how to choose others."""
    busy = [(name, port) for name, port in vars(ports).items() if not is_free(port)]
    if not busy:
        return
    lines = [f"port {port} for {name} is taken by {holder(port)}" for name, port in busy]
    name = busy[0][0]
    raise Refused("\n".join(lines + [
        "End what holds it, or choose others: scripts/up --port-base 29000 takes "
        f"{len(vars(ports))} ports from there,",
        f"{variable(name)}=29000 scripts/up changes this one."]))


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is free
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
        return True


def holder(port, procfs=Path("/proc")):
    """'prometheus (pid 812)', or that it cannot be told (another user's, seen without root)."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        if not (procfs / "net" / table).exists():
            continue  # a host without IPv6
        for line in (procfs / "net" / table).read_text().splitlines()[1:]:
            columns = line.split()
            if int(columns[1].rpartition(":")[2], 16) == port and columns[3] == "0A":  # listening
                inodes.add(f"socket:[{columns[9]}]")
    for process in procfs.iterdir():
        if not process.name.isdecimal():
            continue
        try:
            if any(os.readlink(fd) in inodes for fd in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue  # it ended, or is not ours to read
    return "a process that is not ours to see"
