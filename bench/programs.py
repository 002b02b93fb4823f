"""What the benchmarks share: the programs under measurement, their pages, and a network of their own."""
import argparse
import contextlib
import http.client
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUR_PORT, THEIR_PORT = 9987, 9100  # nobody else has them in a network of our own


class CannotMeasure(Exception):
    """The machine lacks something; the message says what."""


def options(description):
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--exporter", default=str(ROOT / "build/release/bin/fieldmedic-exporter"))
    parser.add_argument("--node-exporter", default=shutil.which("prometheus-node-exporter") or "prometheus-node-exporter")
    return parser


def enter_own_network():
    """Starts this script anew in a network namespace that holds a loopback and nothing else. Needs root."""
    if os.environ.get("FIELDMEDIC_BENCH_NETWORK") != "own":
        if os.geteuid() != 0:
            raise CannotMeasure("a network namespace needs root")
        argv = ["unshare", "--net", "--", sys.executable, "-B", *sys.argv]
        os.execvpe(argv[0], argv, os.environ | {"FIELDMEDIC_BENCH_NETWORK": "own"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("20000 65535", encoding="ascii")


def allow_many_files():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Page:
    """The samples of one scrape."""

    def __init__(self, text):
        self.samples = dict(re.findall(r"^([a-zA-Z_:][^ ]*) (\S+)$", text, flags=re.MULTILINE))

    def __getitem__(self, series):
        if series not in self.samples:
            raise CannotMeasure(f"no series {series}")
        return float(self.samples[series])


class Program:
    """An exporter that runs, scraped over one connection."""

    def __init__(self, argv, port, query):
        if not os.access(argv[0], os.X_OK):
            raise CannotMeasure(f"{argv[0]} is not there: scripts/setup, scripts/build release fieldmedic-exporter")
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.path = "/metrics?" + "&".join(f"collect[]={name}" for name in query)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.scrape()
                return
            self.connection.close()
            time.sleep(0.02)
        raise CannotMeasure(f"{self.process.args[0]} does not answer")

    def scrape(self):
        self.connection.request("GET", self.path)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise CannotMeasure(f"{self.path} answered {answer.status}: {text[:200]}")
        return Page(text)

    def cpu_seconds(self):
        """Of all threads."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def stop(self):
        self.connection.close()
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def ours(exporter, configuration, query):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "exporter.yml")
        file.write_text(configuration, encoding="utf-8")
        program = Program([exporter, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{OUR_PORT}"], OUR_PORT, query)
        try:
            program.wait_until_ready()
            yield program
        finally:
            program.stop()


@contextlib.contextmanager
def node_exporter(executable, collector):
    program = Program([executable, f"--web.listen-address=127.0.0.1:{THEIR_PORT}", "--web.disable-exporter-metrics",
                       "--collector.disable-defaults", f"--collector.{collector}"], THEIR_PORT, [collector])
    try:
        program.wait_until_ready()
        yield program
    finally:
        program.stop()


def print_row(what, seconds):
    ordered = sorted(seconds)
    print(f"{what:52}median{statistics.median(ordered) * 1e3:9.3f} ms   p90{ordered[len(ordered) * 9 // 10] * 1e3:9.3f} ms")


@dataclass(frozen=True)
class Limit:
    """So many milliseconds, on a machine on which the floor takes so many: elsewhere it is their ratio."""
    milliseconds: float
    floor_milliseconds: float

    def keeps(self, seconds, floor_seconds):
        """Prints what was reached."""
        ours, floor = statistics.median(seconds), statistics.median(floor_seconds)
        most = self.milliseconds / self.floor_milliseconds
        print(f"  {ours / floor:.2f} times the floor; wanted: {self.milliseconds} ms where the floor takes "
              f"{self.floor_milliseconds} ms, so at most {most:.2f} times")
        return ours / floor <= most


def finish(measure):
    """Runs a benchmark: exit 0 within its limits, 1 over one of them, 2 when it could not measure."""
    try:
        kept = measure()
    except (CannotMeasure, OSError, subprocess.SubprocessError, http.client.HTTPException) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        sys.exit(2)
    print("limits:", "kept" if kept else "BROKEN")
    sys.exit(0 if kept else 1)
