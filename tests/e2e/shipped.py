"""The playbooks of deploy/remediator.yml, with what is a story's own put in: paths, addresses, times."""
import copy
import json

import yaml

from loop.layout import REPOSITORY

# A story lasts minutes: what holds for so long is well.
SHORT_HOLD = {"hold": "5s", "interval": "1s"}


def shipped():
    return yaml.safe_load((REPOSITORY / "deploy" / "remediator.yml").read_text(encoding="utf-8"))


def playbook(name, changes):
    """As text for remediator.yml (JSON is YAML). `changes` has the shape of the playbook, with the index of an item
    as its key in a list; what it names must stand in the shipped one, or that has become another."""
    (found,) = [each for each in shipped()["playbooks"] if each["name"] == name]
    return f"  - {json.dumps(with_changes(found, changes))}\n"


def with_changes(shape, changes):
    result = copy.deepcopy(shape)
    for key, change in changes.items():
        if isinstance(result, dict) and key not in result:
            raise AssertionError(f"the shipped playbook no longer holds '{key}', but {sorted(result)}")
        nested = isinstance(change, dict) and isinstance(result[key], (dict, list))
        result[key] = with_changes(result[key], change) if nested else change
    return result


def promql(query, wanted):
    """A list of checks with this one."""
    return [{"promql": {"query": query, "is": wanted}}]
