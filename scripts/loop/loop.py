"""Puts the loop together, starts it part by part, waits until it is green, and ends it."""
import os

from .api import Client, NoAnswer, Prometheus, Remediator
from .config import Limits, write_configurations
from .credentials import Credentials
from .layout import HOST, Refused
from .people import People, one_line
from .pipeline import Pipeline
from .ports import require_free
from .processes import Processes, adopt_orphans, of_state, wait_for


class Loop:
    """One loop in one state folder. Not started by its constructor; stop() may be called at any time."""

    def __init__(self, layout, ports, programs, show=print, limits=Limits()):
        self.layout, self.ports, self.programs, self.show = layout, ports, programs, show
        self.limits = limits
        self.credentials = Credentials(layout)
        self.processes = Processes(layout)
        self.pipeline = Pipeline(layout, ports, programs.rsyslogd)
        self.people = None
        self.exporter = self._client(Client, "exporter")
        self.prometheus = self._client(Prometheus, "prometheus")
        self.alertmanager = self._client(Client, "alertmanager")
        self.remediator = self._client(Remediator, "remediator")

    def _client(self, kind, server):
        return kind(getattr(self.ports, server), "operator", self.credentials.password("operator"))

    # --- starting

    def start(self):
        adopt_orphans()
        self.end_leftovers()
        require_free(self.ports)
        self.credentials.write()
        self.configure()
        self.people = People(self.ports.people, self.layout.state / "told.jsonl",
                             lambda channel, text: self.show(f"told by {channel}: {one_line(text)}"))
        self.people.start()
        self.pipeline.start()
        self.start_exporter()
        self.start_prometheus()
        self.start_alertmanager()
        self.start_remediator()

    def configure(self):
        self.pipeline.write()
        write_configurations(self.layout, self.ports, self.programs, self.limits)

    def start_exporter(self):
        self.processes.start("exporter", [
            self.programs.exporter, f"--config.file={self.layout.conf}/exporter.yml",
            f"--web.listen-address=127.0.0.1:{self.ports.exporter}",
            f"--web.config.file={self.credentials.web_config}",
        ], lambda: self.exporter.answers("/-/ready"))

    def start_prometheus(self):
        self.processes.start("prometheus", [
            self.programs.prometheus, f"--config.file={self.layout.conf}/prometheus.yml",
            f"--storage.tsdb.path={self.layout.data}/prometheus", "--storage.tsdb.retention.size=256MB",
            f"--web.listen-address=127.0.0.1:{self.ports.prometheus}",
            f"--web.config.file={self.credentials.web_config}",
        ], lambda: self.prometheus.answers("/-/ready"))

    def start_alertmanager(self):
        self.processes.start("alertmanager", [
            self.programs.alertmanager, f"--config.file={self.layout.conf}/alertmanager.yml",
            f"--storage.path={self.layout.data}/alertmanager", "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{self.ports.alertmanager}",
            f"--web.config.file={self.credentials.web_config}",
        ], lambda: self.alertmanager.answers("/-/ready"))

    def start_remediator(self, environment=None):
        self.processes.start("remediator", [
            self.programs.remediator, f"--config.file={self.layout.conf}/remediator.yml",
        ], lambda: self.remediator.answers("/-/ready"), environment=environment)

    def end_leftovers(self):
        """Parts of this state that an earlier run, killed hard, left behind."""
        for path, identity in of_state(self.layout.state, set(vars(self.programs).values())):
            self.show(f"ending {os.path.basename(path)} (pid {identity.pid}), left from an earlier run")
            identity.end()

    # --- ending

    def stop(self):
        """Ends what this loop started, the collectors that the remediator started included."""
        self.processes.stop_all()  # the remediator first: it must not heal what we end
        self.pipeline.stop()
        if self.people:
            self.people.stop()
        for _, identity in of_state(self.layout.state, set(vars(self.programs).values())):
            identity.end()

    # --- looking

    def not_green(self):
        """What is not well yet, in words; empty when all is."""
        try:
            missing = [f"Prometheus does not reach {labels.get('job')}"
                       for labels, value in self.prometheus.query("up") if value != 1]
            up = {labels["collector"] for labels, value in self.prometheus.query(
                f'last_over_time(collector_up{{host="{HOST}"}}[10s])') if value == 1}
            missing += [f"Prometheus has not seen collector {name} up"
                        for name in ("orders", "archive") if name not in up]
            if not self.prometheus.query('increase(collector_attempts_total{collector="orders"}[20s]) > 0'):
                missing.append("Prometheus has not seen collector orders deliver anything")
            # Not the series ALERTS: after a restart it still shows what an earlier Prometheus knew.
            missing += [f"alert {labels['alertname']} on {labels['collector']} is pending or firing"
                        for labels in self.prometheus.alerts()
                        if labels.get("collector") in ("orders", "archive") and labels.get("audience") != "people"]
            missing += [f"incident {i['id']} on {i['target']} is {i['state']}"
                        for i in self.remediator.incidents() if is_open(i)]
        except NoAnswer as failure:
            return [str(failure)]
        return missing

    def require_all_parts(self):
        """Refused when a part ended by itself: whoever waits would wait in vain."""
        ended = self.processes.ended()
        if ended:
            raise Refused(f"{ended[0]} ended by itself; see {self.processes.log_file(ended[0])}")

    def wait_until_green(self, seconds=90):
        state = {"missing": ["nothing was asked yet"]}

        def green():
            self.require_all_parts()
            state["missing"] = self.not_green()
            return not state["missing"]

        wait_for(green, seconds, lambda: "not green: " + "; ".join(state["missing"]), every=0.5)


def is_open(incident):
    return incident.get("state") not in ("recovered", "handed_over", "cancelled")
