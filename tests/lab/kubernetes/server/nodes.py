"""What nodes and a scheduler do to pods, as far as a test can see it: pods get a node, become ready, and end. Nothing runs.

A pod whose labels have test/never-ready=true is not made ready once fieldmedic has restarted it.
"""
import http.client
import time

from api import Refused

NAMES = ("node-1", "node-2")
RESTARTED = "fieldmedic/restarted-by"


def stamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def make_nodes(api):
    for name in NAMES:
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        api.ask("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})
        room = {"cpu": "64", "memory": "64Gi", "pods": "500"}
        ready = {"type": "Ready", "status": "True", "reason": "Said", "message": "by a test", "lastHeartbeatTime": stamp(),
                 "lastTransitionTime": stamp()}
        api.merge(f"/api/v1/nodes/{name}/status", {"status": {"capacity": room, "allocatable": room, "conditions": [ready]}})


def path_of(pod):
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def wanted_node(pod, turn):
    """That of its affinity, by which a daemon set says where each pod goes, or any."""
    affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    for term in required.get("nodeSelectorTerms", []):
        for field in term.get("matchFields", []):
            if field["key"] == "metadata.name":
                return field["values"][0]
    return NAMES[turn % len(NAMES)]


def running(pod):
    now = stamp()
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": now}
                  for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")]
    containers = [{"name": c["name"], "image": c["image"], "imageID": "test", "ready": True, "started": True,
                   "restartCount": 0, "state": {"running": {"startedAt": now}}} for c in pod["spec"]["containers"]]
    return {"status": {"phase": "Running", "startTime": now, "podIP": "127.0.0.1", "conditions": conditions,
                       "containerStatuses": containers}}


def may_be_ready(pod):
    meta = pod["metadata"]
    held = meta.get("labels", {}).get("test/never-ready") == "true"
    return not held or RESTARTED not in meta.get("annotations", {})


class Nodes:
    """step() looks at every pod once; what a pod waits for comes `seconds` after it was first seen to wait for it."""

    def __init__(self, api, seconds):
        self._api, self._seconds, self._since, self._turn = api, seconds, {}, 0

    def step(self):
        pods = self._api.ask("GET", "/api/v1/pods")["items"]
        due = [(pod, what) for pod in pods if (what := self._what_is_due(pod)) is not None]
        known = {(pod["metadata"]["uid"], what) for pod, what in due}
        self._since = {key: at for key, at in self._since.items() if key in known}
        for pod, what in due:
            began = self._since.setdefault((pod["metadata"]["uid"], what), time.monotonic())
            if what == self._bind or time.monotonic() - began >= self._seconds:
                self._do(what, pod)

    def _what_is_due(self, pod):
        if "deletionTimestamp" in pod["metadata"]:
            return self._end
        if not pod["spec"].get("nodeName"):
            return self._bind
        return self._start if pod["status"].get("phase") == "Pending" and may_be_ready(pod) else None

    def _do(self, what, pod):
        try:
            what(pod)
        except Refused as refused:
            if refused.status not in (403, 404, 409):  # its namespace ends, it is gone, it changed meanwhile
                raise

    def _bind(self, pod):
        self._turn += 1
        target = {"apiVersion": "v1", "kind": "Node", "name": wanted_node(pod, self._turn)}
        self._api.ask("POST", path_of(pod) + "/binding", {"apiVersion": "v1", "kind": "Binding", "target": target,
                                                          "metadata": {"name": pod["metadata"]["name"]}})

    def _start(self, pod):
        self._api.merge(path_of(pod) + "/status", running(pod))

    def _end(self, pod):
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": pod["metadata"]["uid"]}}
        self._api.ask("DELETE", path_of(pod), {"apiVersion": "v1", "kind": "DeleteOptions"} | options)


def keep_going(api, seconds, is_over):
    """Until is_over() says so, which also waits between the looks."""
    nodes = Nodes(api, seconds)
    while not is_over():
        try:
            nodes.step()
        except (OSError, http.client.HTTPException, Refused) as error:
            print(f"nodes: {error}", flush=True)
