"""Checks of dashboards/*.json that need no server."""
import itertools

from tools import dashboards

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24


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


def board_faults(board):
    panels = board["panels"]
    faults = [f"{panel['title']}: {fault}" for panel in panels for fault in panel_faults(panel)]
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


def threshold_faults(board):
    """Each dimension has a panel with its threshold drawn as a line."""
    limits = {"M1 · Processor": 0.85, "M1 · Memory": 0.85, "M2": 0.95, "M3": 0.03, "M4": 0.020}
    faults = []
    for title, limit in limits.items():
        drawn = [panel["fieldConfig"]["defaults"] for panel in board["panels"] if panel["title"].startswith(title)]
        if not any("line" in defaults["custom"].get("thresholdsStyle", {}).get("mode", "")
                   and limit in [step["value"] for step in defaults["thresholds"]["steps"]] for defaults in drawn):
            faults.append(f"no panel of {title} draws its threshold {limit}")
    return faults


def dashboards_are_sane():
    boards = dashboards()
    faults = ["no dashboards found"] * (not boards)
    faults += [f"{name}: {fault}" for name, board in boards for fault in board_faults(board)]
    for name, board in boards:
        if board["uid"] == "fieldmedic-overview":
            faults += [f"{name}: {fault}" for fault in threshold_faults(board)]
    return faults
