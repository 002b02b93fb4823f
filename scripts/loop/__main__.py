"""scripts/up: runs the whole loop on loopback until Ctrl-C, or kills the collector and watches it heal."""
import os
import shlex
import signal
import statistics
import subprocess
import sys
import time
from datetime import datetime

from .api import NoAnswer
from .arguments import arguments
from .config import Limits
from .drill import Drill
from .layout import REPOSITORY, Layout, Programs, Refused
from .loop import Loop
from .ports import Ports

SCRAPE_INTERVAL = 5.0  # seconds, as in deploy/prometheus.yml


def show(text=""):
    print(f"{datetime.now():%H:%M:%S} {text}" if text else "", flush=True)


def table(loop):
    """What runs where; paths are relative to the state folder."""
    state = loop.layout.state
    rows = [("part", "address", "pid", "log")]
    for name in ("prometheus", "alertmanager", "exporter", "remediator"):
        rows.append((name, f"http://127.0.0.1:{getattr(loop.ports, name)}", str(loop.processes.pid(name)),
                     str(loop.processes.log_file(name).relative_to(state))))
    for collector, address in ((loop.pipeline.orders, f"tails {loop.pipeline.source.relative_to(state)}"),
                               (loop.pipeline.archive, f"tcp 127.0.0.1:{loop.ports.archive}")):
        rows.append((f"collector {collector.name}", address, str(collector.identity().pid),
                     str(collector.log.relative_to(state))))
    rows.append(("WeCom and SMS, stand-in", f"http://127.0.0.1:{loop.ports.people}", str(os.getpid()), "told.jsonl"))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = ["  ".join((*(cell.ljust(width) for cell, width in zip(row, widths)), row[3])) for row in rows]
    password = loop.credentials.password_file("operator").relative_to(state)
    return "\n".join(lines + ["", f"State and logs: {state}", f"User: operator, password in {password}"])


def to_try(loop, programs):
    """Lines to paste into a shell, wherever the checkout lies."""
    return (f"kill -9 $(cat {loop.pipeline.orders.pid_file})",
            shlex.join([programs.tool, f"--config.file={loop.layout.conf}/fieldmedic.yml", "incidents"]))


def run_until_stopped(loop, programs):
    show("all green; the loop runs until Ctrl-C. Kill the collector and watch:")
    print("\n    " + "\n    ".join(to_try(loop, programs)) + "\n", flush=True)
    told_ended = set()
    while True:
        time.sleep(1)
        loop.pipeline.orders.identity(), loop.pipeline.archive.identity()  # reaps what was killed
        loop.pipeline.trim()
        for name in set(loop.processes.ended()) - told_ended:
            told_ended.add(name)
            show(f"{name} ended by itself; see {loop.processes.log_file(name)}")
        if loop.pipeline.generator.failure:
            raise Refused(f"no more orders can be written to {loop.pipeline.source}: {loop.pipeline.generator.failure}")


def run_drills(loop, times):
    show("drills lift the playbook's limits (as shipped: 3 attempts an hour, 5 min apart; back within 30 min is a")
    show("relapse); every interval is as shipped" + ("; kills are spread over a scrape interval" if times > 1 else ""))
    needed = []
    for number in range(1, times + 1):
        loop.wait_until_green()
        # "Green" is seen right after a scrape, so a kill now would always wait longest for the next
        # one. A real fault comes at any moment: the kills are spread over one scrape interval.
        time.sleep(SCRAPE_INTERVAL * (number - 1) / times)
        drill = Drill(loop)
        print(f"\ndrill {number} of {times}: the collector orders is killed", flush=True)
        try:
            needed.append(drill.run())
        finally:
            if drill.timeline:
                print("\n".join(drill.timeline.lines()), flush=True)
        reaction = drill.reaction()
        if reaction is not None:
            print(f"  alert_received to apply_intended, by the journal: {reaction * 1000:.0f} ms", flush=True)
        print(f"  proof: {drill.proof}\nrecovered in {needed[-1]:.1f} s", flush=True)
    if times > 1:
        print(f"\nrecovered in {statistics.median(needed):.1f} s (median of {times}), worst {max(needed):.1f} s",
              flush=True)


def stop_on_signals():
    def stop(*_):
        raise KeyboardInterrupt
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # under nohup it goes on
            signal.signal(number, stop)


def ignore_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def in_words(failure, state):
    """A full disk is told without a path: then it is the state's."""
    nameless = isinstance(failure, OSError) and failure.filename is None
    return f"{failure} (state folder: {state})" if nameless else str(failure)


def last_words(text="", stream=sys.stdout):
    """Nobody may be there to read them: the terminal was closed, or Ctrl-C ended the `tee` behind us too.
    That must not keep running what we started."""
    try:
        print(text, file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main():
    chosen = arguments()
    loop = lock = None
    stop_on_signals()
    try:
        programs = Programs.built_in(os.environ.get("FIELDMEDIC_BIN") or REPOSITORY / "build" / "release" / "bin")
        if programs.missing():
            raise Refused("not there: " + ", ".join(programs.missing()))
        layout = Layout(chosen.state).make()
        lock = layout.lock()
        limits = Limits.for_drills() if chosen.drill else Limits()
        loop = Loop(layout, Ports.from_environment(chosen.port_base), programs, show, limits)
        show("starting")
        loop.start()
        print(f"\n{table(loop)}\n", flush=True)
        show("waiting until Prometheus sees all parts well and orders flow")
        loop.wait_until_green()
        if chosen.drill:
            run_drills(loop, chosen.drill)
            return 0
        run_until_stopped(loop, programs)
    except KeyboardInterrupt:
        last_words()
        return 130 if chosen.drill else 0
    except BrokenPipeError:  # nobody reads what we print
        last_words()
        return 1
    except (Refused, NoAnswer, OSError, subprocess.SubprocessError) as refusal:
        last_words(f"\nup: {in_words(refusal, chosen.state)}", sys.stderr)
        return 1
    finally:
        ignore_signals()
        if loop:
            last_words(f"{datetime.now():%H:%M:%S} stopping everything that was started")
            loop.stop()
        if lock:
            lock.close()


if __name__ == "__main__":
    sys.exit(main())
