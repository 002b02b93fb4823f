"""A real collection pipeline: a log that grows, `orders` (rsyslogd) tails and forwards it over TCP to
`archive` (rsyslogd), which stores it."""
import contextlib
import hashlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from .layout import Refused
from .processes import Identity, reap, tail, wait_for

LINES_PER_SECOND = 20
FILE_LIMIT = 16 * 1024 * 1024  # bytes; then a file becomes FILE.1, so that a long run fills no disk

# Both report their own counters as JSON every 5 s (the rules want 10 s or less).
COMMON = '''\
global(workDirectory="{folder}/work" net.enableDNS="off" processInternalMessages="on")
module(load="impstats" interval="5" format="json" resetCounters="off" log.syslog="off"
       log.file="{folder}/impstats.json")
template(name="own" type="string"
         string="%timegenerated:::date-rfc3339% %syslogseverity-text% %syslogtag%%msg%\\n")
action(name="own_log" type="omfile" file="{folder}/{name}.log" template="own")
'''

# What waits for the peer is kept in the queue, never dropped: the file is read on only as far as the
# queue takes it, and where reading stood is kept at every record.
ORDERS = COMMON + '''
module(load="imfile")
input(type="imfile" file="{folder}/source.log" tag="orders:" ruleset="forward" persistStateInterval="1")
ruleset(name="forward") {{
  action(name="forward" type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp"
         action.resumeRetryCount="-1" action.resumeInterval="1"
         queue.type="LinkedList" queue.size="100000" queue.timeoutShutdown="2000")
}}
'''

ARCHIVE = COMMON + '''
module(load="imtcp")
template(name="record" type="string" string="%msg:2:$%\\n")
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="store")
ruleset(name="store") {{
  action(name="store" type="omfile" file="{folder}/records.log" template="record")
}}
'''


class Collector:
    """One rsyslogd: its configuration, its pid file, the argv that starts it."""

    def __init__(self, name, folder, layout, rsyslogd, template):
        self.name, self.folder, self.rsyslogd, self.template = name, folder, rsyslogd, template
        self.inside = []  # what its start begins with, to start it in a namespace
        self.conf = layout.conf / f"rsyslog-{name}.conf"
        self.pid_file = folder / f"{name}.pid"
        self.log = folder / f"{name}.log"
        self.impstats = folder / "impstats.json"
        self.output = layout.log / f"rsyslog-{name}.log"

    def write(self, port):
        self.conf.write_text(self.template.format(name=self.name, folder=self.folder, port=port))
        answer = subprocess.run([self.rsyslogd, "-N1", "-f", self.conf], capture_output=True, text=True)
        if answer.returncode:
            raise Refused(f"rsyslogd refuses {self.conf}:\n{answer.stderr}")
        digest = hashlib.sha256(self.conf.read_bytes()).hexdigest()
        self.conf.with_suffix(".sha256").write_text(f"{digest}  {self.conf.name}\n")

    def argv(self):
        return [self.rsyslogd, "-n", "-f", str(self.conf), "-i", str(self.pid_file)]

    def identity(self):
        """The living rsyslogd of this collector, or None."""
        try:
            pid = int(self.pid_file.read_text().split()[0])
            reap(pid)  # orphans come to us (adopt_orphans): a zombie would keep its pid file valid
            identity = Identity.of(pid)
            return identity if identity and self._is_ours(identity) else None
        except (OSError, ValueError, IndexError):
            return None

    def _is_ours(self, identity):
        argv = Path(f"/proc/{identity.pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return str(self.conf) in argv

    def start(self):
        """As a daemon of its own: nobody's child, so that whoever heals it finds it as on a real host."""
        if self.identity():
            return
        self.pid_file.unlink(missing_ok=True)
        with open(self.output, "ab") as output:
            subprocess.run([*self.inside, "setsid", "--fork", *self.argv()], stdin=subprocess.DEVNULL, stdout=output,
                           stderr=output, cwd="/", check=True)
        wait_for(self.identity, 10,
                 lambda: f"collector {self.name} did not start; the end of {self.output}:\n{tail(self.output)}\n")

    def stop(self):
        identity = self.identity()
        if identity:
            identity.end()


class Generator:
    """Writes numbered orders to a log, at a steady rate, from a thread of its own."""

    def __init__(self, source):
        self.source = source
        self.lines_per_second = LINES_PER_SECOND
        self.written = 0
        self.failure = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generator", daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self):
        run = f"{int(time.time()):x}"
        handle = open(self.source, "a", encoding="ascii", buffering=1)
        try:
            while not self._ending.wait(1 / self.lines_per_second):
                self.written += 1
                handle.write(f"{time.time():.3f} run={run} order={self.written} item={self.written % 97} placed\n")
                if self.written % 1000 == 0 and handle.tell() > FILE_LIMIT:
                    handle.close()
                    self.source.replace(f"{self.source}.1")
                    handle = open(self.source, "a", encoding="ascii", buffering=1)
        except OSError as failure:
            self.failure = failure  # a full disk; told by whoever watches the loop
        finally:
            with contextlib.suppress(OSError):  # what could not be written cannot be on closing either
                handle.close()


class Pipeline:
    def __init__(self, layout, ports, rsyslogd):
        self.port = ports.archive
        self.orders = Collector("orders", layout.orders, layout, rsyslogd, ORDERS)
        self.archive = Collector("archive", layout.archive, layout, rsyslogd, ARCHIVE)
        self.source = layout.orders / "source.log"
        self.records = layout.archive / "records.log"
        self.generator = Generator(self.source)

    def write(self):
        self.orders.write(self.port)
        self.archive.write(self.port)

    def start(self):
        self.source.touch()
        self.archive.start()
        self.orders.start()
        self.generator.start()

    def stop(self):
        self.generator.stop()
        self.orders.stop()
        self.archive.stop()

    def stored(self):
        """The number of the last order that reached the archive's file; 0 for none."""
        try:
            with open(self.records, "rb") as handle:
                handle.seek(max(0, os.fstat(handle.fileno()).st_size - 4096))
                lines = handle.read().splitlines()
        except OSError:
            return 0
        for line in reversed(lines):
            fields = dict(f.split(b"=", 1) for f in line.split() if b"=" in f)
            if fields.get(b"order", b"").isdigit():
                return int(fields[b"order"])
        return 0

    def trim(self):
        """Keeps the other files small; called now and then. rsyslogd appends, so truncation is safe
        for what only reports, and a record file is moved aside as logrotate does it."""
        for collector in (self.orders, self.archive):
            for path in (collector.impstats, collector.log, collector.output):
                if size(path) > FILE_LIMIT:
                    os.truncate(path, 0)
        if size(self.records) > FILE_LIMIT:
            self.records.replace(f"{self.records}.1")
            identity = self.archive.identity()
            if identity:
                os.kill(identity.pid, signal.SIGHUP)  # opens its files anew


def size(path):
    try:
        return path.stat().st_size
    except OSError:
        return 0
