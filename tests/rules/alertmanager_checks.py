"""Checks of alertmanager/alertmanager.yml that need no server."""
import re

from tools import ALERTMANAGER_CONFIG, read_yaml, rules, run, tool

# Labels of an alert, and the receivers that must get it, in order.
ROUTES = [
    ("alertname=CollectorDown severity=critical host=a collector=orders", "fieldmedic"),
    ("alertname=HostDiskLatencyHigh severity=critical dimension=M4 host=a device=sda", "fieldmedic"),
    ("alertname=Watchdog severity=none", "fieldmedic"),
    ("alertname=FromAnotherRuleFile", "fieldmedic"),
    ("alertname=PeopleNotice severity=critical audience=people symptom=CollectorDown host=a", "people"),
    ("alertname=RemediatorDown severity=critical audience=people host=a", "people"),
    ("alertname=AlertmanagerBlind severity=critical audience=people reason=webhook host=a", "people"),
]


def amtool_accepts_config():
    status, output = run(tool("amtool"), "check-config", ALERTMANAGER_CONFIG)
    return [output] if status else []


def alerts_are_routed():
    amtool = tool("amtool")
    faults = []
    for labels, receivers in ROUTES:
        status, output = run(amtool, "config", "routes", "test", f"--config.file={ALERTMANAGER_CONFIG}",
                             f"--verify.receivers={receivers}", *labels.split())
        if status:
            faults.append(f"{{{labels}}} must go to {receivers}: {output}")
    for rule in {(rule["alert"], rule["labels"].get("audience")) for _, _, rule in rules() if "alert" in rule}:
        wanted = "people" if rule[1] else "fieldmedic"
        labels = [f"alertname={rule[0]}"] + ([f"audience={rule[1]}"] if rule[1] else [])
        status, output = run(amtool, "config", "routes", "test", f"--config.file={ALERTMANAGER_CONFIG}",
                             f"--verify.receivers={wanted}", *labels)
        if status:
            faults.append(f"{rule[0]} must go to {wanted}: {output}")
    return faults


def inhibition_touches_copies_only():
    """S6: what the remediator gets is never inhibited, whatever else fires."""
    config = read_yaml(ALERTMANAGER_CONFIG)
    first = config["route"]["routes"][0]
    faults = []
    if first["receiver"] != "fieldmedic" or first["matchers"] != ['audience!="people"']:
        faults.append("the first route must take to the remediator exactly what is not marked audience=people")
    for inhibit in config["inhibit_rules"]:
        if 'audience="people"' not in inhibit["target_matchers"]:
            faults.append(f"{inhibit['target_matchers']} can hide an alert from the remediator")
    # A name that no rule has would make an inhibition silently useless.
    alerts = {rule["alert"] for _, _, rule in rules() if "alert" in rule}
    for inhibit in config["inhibit_rules"]:
        for matcher in inhibit["source_matchers"] + inhibit["target_matchers"]:
            name, kind, pattern = re.fullmatch(r'(\w+)(=~|=)"(.*)"', matcher).groups()
            wanted = pattern.split("|") if kind == "=~" else [re.escape(pattern)]
            if name in ("alertname", "symptom"):
                faults += [f"{matcher}: no alert is called {each}" for each in wanted
                           if not any(re.fullmatch(each, alert) for alert in alerts)]
    return faults
