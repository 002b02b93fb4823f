"""The tools the checks need, and the files they read. Everything here only reads the source tree."""
import json
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTMANAGER_CONFIG = ROOT / "alertmanager" / "alertmanager.yml"
SCRAPE_CONFIG = ROOT / "deploy" / "prometheus.yml"


class Skip(Exception):
    """A prerequisite is missing; the message says which."""


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Skip(f"{name} is not installed")
    return path


def read_yaml(path):
    try:
        import yaml
    except ImportError:
        raise Skip("python3-yaml is not installed") from None
    return yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))


def run(*argv, cwd=None):
    """Runs a program for up to 2 min; returns its exit status and its joined output."""
    done = subprocess.run([str(word) for word in argv], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    return done.returncode, done.stdout


def rule_files():
    return sorted((ROOT / "rules").glob("*.rules.yml"))


def rule_test_files():
    return sorted((ROOT / "rules" / "tests").glob("*.test.yml"))


def dashboards():
    """Pairs of file name and parsed dashboard."""
    return [(path.name, json.loads(path.read_text(encoding="utf-8")))
            for path in sorted((ROOT / "dashboards").glob("*.json"))]


def rules():
    """Triples of file name, group and rule."""
    return [(path.name, group, rule) for path in rule_files()
            for group in read_yaml(path)["groups"] for rule in group["rules"]]


VARIABLES = {"$__rate_interval": "20s", "$__interval": "5s", "$__range_s": "3600", "$__range": "1h", "$host": ".*",
             "$collector": ".*", "$link": ".*", "$playbook": ".*"}


def without_variables(query):
    """A dashboard's query as Grafana would send it. An unknown variable stays and fails to parse."""
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


def dashboard_queries():
    """Pairs of where and query: panels, annotations, and the selectors of the variables."""
    found = []
    for name, board in dashboards():
        for panel in board["panels"]:
            found += [(f"{name}: {panel['title']}", target["expr"]) for target in panel.get("targets", [])]
        found += [(f"{name}: annotation {item['name']}", item["expr"]) for item in board["annotations"]["list"]]
        for variable in board["templating"]["list"]:
            values = re.fullmatch(r"label_values\((.+), *\w+\)", variable.get("definition", ""))
            if values:
                found.append((f"{name}: variable {variable['name']}", values.group(1)))
    return [(where, without_variables(query)) for where, query in found]


def queries():
    """Pairs of where and query, of all rules and dashboards."""
    of_rules = [(f"{name}: {rule.get('alert') or rule['record']}", rule["expr"]) for name, _, rule in rules()]
    return of_rules + dashboard_queries()
