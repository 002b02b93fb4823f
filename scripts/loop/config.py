"""Writes the configuration of every part: what the repository ships where it ships one, with ports,
paths and credentials of this loop put in."""
import re
from dataclasses import dataclass
from string import Template

from .credentials import write_secret
from .layout import HOST, REPOSITORY


@dataclass(frozen=True)
class Limits:
    """How often the remediator may act on one target; as shipped unless said otherwise."""
    attempts: int = 3
    per: str = "1h"
    cooldown: str = "5m"
    relapse_within: str = "30m"
    relapses_per_day: int = 3

    @classmethod
    def for_drills(cls):
        """Many faults in a row on one collector, which on a real host would be a reason to stop."""
        return cls(attempts=100, cooldown="0s", relapse_within="1s", relapses_per_day=100)


EXPORTER = Template('''\
collectors:
  - name: orders
    process: {pid_file: $orders/orders.pid, executable: $rsyslogd, command_line: 'rsyslog-orders\\.conf'}
    success: {rsyslog_impstats: {file: $orders/impstats.json, action: forward}}
    log: {files: [$orders/orders.log]}
    storage: {paths: [$orders], sync_probe: {folder: $orders}}
    config: {files: [$conf/rsyslog-orders.conf], baseline: $conf/rsyslog-orders.sha256}
  - name: archive
    process: {pid_file: $archive/archive.pid, executable: $rsyslogd, command_line: 'rsyslog-archive\\.conf'}
    ports: ["127.0.0.1:$archive_port"]
    success: {rsyslog_impstats: {file: $archive/impstats.json, action: store}}
    log: {files: [$archive/archive.log]}
    storage: {paths: [$archive], sync_probe: {folder: $archive}}
    config: {files: [$conf/rsyslog-archive.conf], baseline: $conf/rsyslog-archive.sha256}
''')

REMEDIATOR = Template('''\
listen: 127.0.0.1:$remediator_port
web_config_file: web.yml
journal: {sqlite: {path: $data/journal.db}}
prometheus: {url: "http://127.0.0.1:$prometheus_port", username: medic, password_file: $secrets/medic.password}
alertmanager: {url: "http://127.0.0.1:$alertmanager_port", receiver: fieldmedic, username: medic, password_file: $secrets/medic.password}
groups:
  - name: local
    hosts: [{name: $host, reach: local}]
    collectors:
      - name: orders
        process: {pid_file: $orders/orders.pid, executable: $rsyslogd, command_line: 'rsyslog-orders\\.conf'}
        start: [$rsyslogd, -n, -f, $conf/rsyslog-orders.conf, -i, $orders/orders.pid]
      - name: archive
        process: {pid_file: $archive/archive.pid, executable: $rsyslogd, command_line: 'rsyslog-archive\\.conf'}
        start: [$rsyslogd, -n, -f, $conf/rsyslog-archive.conf, -i, $archive/archive.pid]
        ports: ["127.0.0.1:$archive_port"]
playbooks:
  - name: collector-down
    match: ['alertname="CollectorDown"']
    target: {collector: "{{ labels.collector }}", host: "{{ labels.host }}"}
    mode: act
    tiers:
      - {name: restart the process, action: {process_restart: {}}, timeout: 30s}
    verify:
      within: 2m
      hold: 10s
      interval: 1s
      checks:
        - process: {}
        - {promql: {query: 'collector_up{collector="{{ target.name }}",host="{{ target.host }}"}', is: '== 1'}, hold: 0s}
    limits: {attempts: $attempts, per: $per, cooldown: $cooldown, patience: 30m}
    relapse: {within: $relapse_within, per_day: $relapses_per_day}
    notify: [oncall]
receivers:
  - name: oncall
    send: all
    channels:
      - wecom_robot: {key_file: $secrets/wecom.key, url: "http://127.0.0.1:$people_port/wecom"}
      - http:
          url: "http://127.0.0.1:$people_port/sms"
          method: POST
          content_type: application/json
          body: '{"phone":"13800001111","text":"{{ message.text }}"}'
          success: {json_pointer: /Code, equals: OK}
''')

TOOL = Template('''\
url: http://127.0.0.1:$remediator_port
username: operator
password_file: $secrets/operator.password
''')

SHIPPED_AUTH = "{username: medic, password_file: fieldmedic.password}"


def write_configurations(layout, ports, programs, limits):
    """Everything but the credentials' own files and rsyslog's."""
    values = {name: str(getattr(layout, name)) for name in layout.FOLDERS}
    values |= {f"{name}_port": port for name, port in vars(ports).items()}
    values |= vars(limits) | {"host": HOST, "rsyslogd": programs.rsyslogd}
    (layout.conf / "exporter.yml").write_text(EXPORTER.substitute(values))
    (layout.conf / "remediator.yml").write_text(REMEDIATOR.substitute(values))
    (layout.conf / "fieldmedic.yml").write_text(TOOL.substitute(values))
    (layout.conf / "prometheus.yml").write_text(prometheus(layout, ports))
    (layout.conf / "alertmanager.yml").write_text(alertmanager(layout, ports))
    write_secret(layout.secrets / "wecom.key", "stand-in-for-a-robot-key")


def prometheus(layout, ports):
    """deploy/prometheus.yml; the shipped one knows no users for the parts that ship without any."""
    text = (REPOSITORY / "deploy" / "prometheus.yml").read_text(encoding="utf-8")
    for job in ("fieldmedic-exporter", "prometheus", "alertmanager"):
        text = replace(text, f"  - job_name: {job}\n", f"  - job_name: {job}\n    basic_auth: {SHIPPED_AUTH}\n")
    text = replace(text, "  alertmanagers:\n    - static_configs:\n",
                   f"  alertmanagers:\n    - basic_auth: {SHIPPED_AUTH}\n      static_configs:\n")
    text = replace(text, "- ../rules/*.rules.yml", f"- {rules_of(REPOSITORY)}")
    text = replace(text, "host: lab", f"host: {HOST}")
    return with_addresses(text, layout, ports, "exporter", "remediator", "prometheus", "alertmanager")


def rules_of(checkout):
    """As an item of rule_files: a pattern, in which a [ of the checkout's own path would be one too, as YAML, in which
    a # would begin a comment. Prometheus takes no * but in the last part; this range is of three characters."""
    literal = re.sub(r"([][?\\\\])", r"\\\1", str(checkout)).replace("*", "[)-+]")
    return "'" + f"{literal}/rules/*.rules.yml".replace("'", "''") + "'"


def alertmanager(layout, ports):
    text = (REPOSITORY / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    return with_addresses(text, layout, ports, "remediator")


def with_addresses(text, layout, ports, *servers):
    shipped = type(ports)()
    # Through names first: a chosen port may be the shipped one of another server.
    for server in servers:
        text = replace(text, f"127.0.0.1:{getattr(shipped, server)}", f"@{server}@")
    for server in servers:
        text = replace(text, f"@{server}@", f"127.0.0.1:{getattr(ports, server)}")
    return replace(text, "fieldmedic.password", f"{layout.secrets}/medic.password")


def replace(text, old, new):
    """Every occurrence; a shipped file that no longer holds the text is a defect of ours."""
    if old not in text:
        raise AssertionError(f"a shipped configuration no longer holds '{old}'")
    return text.replace(old, new)
