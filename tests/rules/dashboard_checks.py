"""Checks of dashboards/*.json that need no server."""
import itertools
import re

from tools import dashboards, rules

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
# Their limit is no number; the panel draws it as a series of its own, or the alert is a state.
WITHOUT_LIMIT = {"CollectorNoProgress"}


def overlap(first, second):
    return (first["x"] < second["x"] + second["w"] and second["x"] < first["x"] + first["w"]
            and first["y"] < second["y"] + second["h"] and second["y"] < first["y"] + first["h"])


def panel_faults(panel):
    place = panel["gridPos"]
    faults = []
    if place["x"] < 0 or place["w"] < 1 or place["x"] + place["w"] > COLUMNS:
        faults.append("does not fit the grid")
    if panel["type"] == "row":
        return faults
    if not panel["fieldConfig"]["defaults"].get("unit"):
        faults.append("has no unit")
    if not panel.get("description"):
        faults.append("has no description")
    if not panel.get("targets"):
        faults.append("has no query")
    if any(item.get("datasource") != DATASOURCE for item in [panel, *panel.get("targets", [])]):
        faults.append("names a data source instead of the variable")
    letters = [target["refId"] for target in panel.get("targets", [])]
    if len(letters) != len(set(letters)):
        faults.append("has two queries with one refId")
    return faults


def alert_faults(panel, alerts):
    """What a panel says about an alert must be there, and be seen."""
    named = set(re.findall(r"\bAlert (\w+)", panel.get("description", "")))
    faults = [f"there is no alert {name}" for name in named - alerts]
    defaults = panel["fieldConfig"]["defaults"] if "fieldConfig" in panel else {}
    drawn = len(defaults.get("thresholds", {}).get("steps", [])) > 1
    if panel["type"] == "timeseries":
        drawn = drawn and "line" in defaults["custom"].get("thresholdsStyle", {}).get("mode", "")
    if named - WITHOUT_LIMIT and not drawn:
        faults.append(f"names {sorted(named)} and draws no threshold")
    return faults


def variable_faults(board):
    known = {variable["name"] for variable in board["templating"]["list"]}
    texts = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    used = set(re.findall(r"\$(?!__)(\w+)", " ".join(texts + [item["expr"] for item in board["annotations"]["list"]])))
    return [f"uses the variable ${name}, which it does not define" for name in used - known]


def board_faults(board, alerts):
    panels = board["panels"]
    faults = [f"{panel['title']}: {fault}" for panel in panels
              for fault in panel_faults(panel) + alert_faults(panel, alerts)]
    faults += variable_faults(board)
    for what in ("id", "title"):
        values = [panel[what] for panel in panels]
        faults += [f"two panels have the {what} {value}" for value in set(values) if values.count(value) > 1]
    faults += [f"{one['title']} and {other['title']} overlap" for one, other in itertools.combinations(panels, 2)
               if overlap(one["gridPos"], other["gridPos"])]
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    if variables.get("datasource", {}).get("type") != "datasource" or variables["datasource"]["query"] != "prometheus":
        faults.append("the variable datasource must choose a Prometheus")
    faults += [f"variable {name} names a data source instead of the variable" for name, variable in variables.items()
               if variable["type"] == "query" and variable["datasource"] != DATASOURCE]
    faults += [f"annotation {item['name']} names a data source instead of the variable"
               for item in board["annotations"]["list"] if item["datasource"] != DATASOURCE]
    if board["schemaVersion"] < 36:
        faults.append("schemaVersion is under 36")
    if not board["uid"].startswith("fieldmedic-"):
        faults.append("the uid must start with fieldmedic-")
    return faults


LIMITS = {"M1 · Processor": 0.85, "M1 · Memory": 0.85, "M2 ·": 0.95, "M3 ·": 0.03, "M4 ·": 0.020}


def threshold_faults(boards):
    """Each dimension has panels, and each of them draws its threshold as a line."""
    faults = []
    for title, limit in LIMITS.items():
        panels = [(name, panel) for name, board in boards for panel in board["panels"] if panel["title"].startswith(title)]
        if not panels:
            faults.append(f"no panel of {title}")
        for name, panel in panels:
            defaults = panel["fieldConfig"]["defaults"]
            if ("line" not in defaults["custom"].get("thresholdsStyle", {}).get("mode", "")
                    or limit not in [step["value"] for step in defaults["thresholds"]["steps"]]):
                faults.append(f"{name}: {panel['title']} does not draw the threshold {limit}")
    return faults


def dashboards_are_sane():
    boards = dashboards()
    alerts = {rule["alert"] for _, _, rule in rules() if "alert" in rule}
    faults = ["no dashboards found"] * (not boards)
    faults += [f"{name}: {fault}" for name, board in boards for fault in board_faults(board, alerts)]
    uids = [board["uid"] for _, board in boards]
    faults += [f"two dashboards have the uid {uid}" for uid in set(uids) if uids.count(uid) > 1]
    return faults + threshold_faults(boards)
