"""An API server for tests, as strict as the real one where kubernetes_restart meets it: TLS, tokens and client
certificates, roles, unknown fields, preconditions, conflicts, disruption budgets, rollouts and evictions that take time.
What it does by which rule: https://kubernetes.io/docs/reference/using-api/api-concepts/.

    kubernetes_api.py FOLDER [STEP]     FOLDER holds server.pem, server.key, ours.pem and token; STEP in seconds

POST /control (the same token) changes it: {"objects": [...], "forbid": [...], "fault": {...}, "step": S}; GET /control
tells {"restarts": [...], "evictions": [...], "scales": [...], "requests": N, "ready_pods": N}. It ends when its parent does.
"""
import copy
import json
import re
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

from fake_server import FakeHandler, FakeServer, serve_while_wanted
from kubernetes_schemas import Schemas

KINDS = {"deployments": "Deployment", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet",
         "replicasets": "ReplicaSet", "pods": "Pod", "horizontalpodautoscalers": "HorizontalPodAutoscaler"}
PATH = re.compile(r"^/(?:apis/apps/v1|api/v1|apis/autoscaling/v2)/namespaces/([^/]+)/([a-z]+)(?:/([^/]+))?(?:/(eviction))?$")

# Every field of the types that a change may name, as npm's kubernetes-models 5.1.0 declares them: its validators, which
# judge types and what is required (kubernetes_schemas.py), let unknown fields pass; {} ends the descent, STRINGS is a map of texts.
STRINGS, ANY = "strings", {}
META = dict.fromkeys(("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
                      "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences",
                      "finalizers", "managedFields"), ANY) | {"labels": STRINGS, "annotations": STRINGS}
TEMPLATE = {"metadata": META, "spec": ANY}
WORKLOADS = {
    "Deployment": ("minReadySeconds", "paused", "progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector",
                   "strategy"),
    "StatefulSet": ("minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy", "replicas",
                    "revisionHistoryLimit", "selector", "serviceName", "updateStrategy", "volumeClaimTemplates"),
    "DaemonSet": ("minReadySeconds", "revisionHistoryLimit", "selector", "updateStrategy"),
}
FIELDS = {kind: {"apiVersion": ANY, "kind": ANY, "metadata": META, "status": ANY,
                 "spec": dict.fromkeys(names, ANY) | {"template": TEMPLATE}} for kind, names in WORKLOADS.items()}
FIELDS["Eviction"] = {"apiVersion": ANY, "kind": ANY, "metadata": META, "deleteOptions": dict.fromkeys(
    ("apiVersion", "kind", "dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential",
     "orphanDependents", "propagationPolicy"), ANY)
    | {"preconditions": {"uid": ANY, "resourceVersion": ANY}}}


class Refusal(Exception):
    def __init__(self, code, reason, message, details=None):
        super().__init__(message)
        self.code = code
        self.status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
                       "reason": reason, "code": code, "details": details or {}}


def unknown_field(value, known, path=""):
    """The first one that the schema does not know, or None."""
    if known == STRINGS:
        bad = [key for key, text in value.items() if not isinstance(text, str)] if isinstance(value, dict) else [""]
        return f"{path}.{bad[0]}" if bad else None
    if not known:
        return None
    if not isinstance(value, dict):
        return path
    for key, part in value.items():
        here = f"{path}.{key}".lstrip(".")
        if key not in known:
            return here
        if (found := unknown_field(part, known[key], here)) is not None:
            return found
    return None


def merge(into, patch):
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


class Cluster:
    def __init__(self, step):
        self.lock, self.schemas = threading.RLock(), Schemas()
        self.step, self.version, self.objects, self.budgets = step, 100, {}, []
        self.forbidden, self.fault, self.due = set(), None, []
        self.restarts, self.evictions, self.scales, self.requests = [], [], [], 0

    def touch(self, obj):
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)

    def put(self, obj):
        if obj["kind"] == "PodDisruptionBudget":
            self.budgets.append(obj)
            return
        meta = obj["metadata"]
        plural = next(p for p, kind in KINDS.items() if kind == obj["kind"])
        meta.setdefault("uid", f"uid-{self.version}-{meta['name']}")
        meta.setdefault("generation", 1)
        obj.setdefault("spec", {})
        obj.setdefault("status", {})
        if obj["kind"] in FIELDS and obj["kind"] != "DaemonSet":
            self.settle(obj)
        if obj["kind"] == "DaemonSet":
            obj["status"].setdefault("desiredNumberScheduled", 2)
            self.settle(obj)
        if obj["kind"] == "Pod":
            obj["status"].setdefault("conditions", [{"type": "Ready", "status": "True"}])
        if obj["kind"] == "ReplicaSet":
            obj["status"].setdefault("readyReplicas", obj["spec"].get("replicas", 1))
        self.touch(obj)
        self.objects[(meta["namespace"], plural, meta["name"])] = obj

    def remove(self, namespace, plural, name):
        """With the pods that are its own."""
        self.objects.pop((namespace, plural, name), None)
        for key, obj in list(self.objects.items()):
            owners = obj["metadata"].get("ownerReferences", [])
            if key[0] == namespace and any((o["kind"], o["name"]) == (KINDS[plural], name) for o in owners):
                del self.objects[key]

    def find(self, namespace, plural, name):
        obj = self.objects.get((namespace, plural, name))
        if obj is None:
            raise Refusal(404, "NotFound", f'{plural} "{name}" not found', {"name": name, "kind": plural})
        return obj

    # --- controllers ---------------------------------------------------------------------------------------------

    def later(self, steps, what):
        self.due.append((time.monotonic(), steps, what))

    def run_controllers(self):
        while True:
            with self.lock:
                now = time.monotonic()
                # In the order of their time, also where the step was made shorter meanwhile.
                ready = sorted((d for d in self.due if now - d[0] >= d[1] * self.step), key=lambda d: d[:2])
                self.due = [d for d in self.due if now - d[0] < d[1] * self.step]
                for _, _, what in ready:
                    what()
            time.sleep(0.005)

    def counts(self, obj, updated, ready):
        status, n = obj["status"], obj["spec"].get("replicas", 1)
        status["observedGeneration"] = obj["metadata"]["generation"]
        if obj["kind"] == "DaemonSet":
            n = status["desiredNumberScheduled"]
            status |= {"currentNumberScheduled": n, "updatedNumberScheduled": min(updated, n), "numberReady": min(ready, n),
                       "numberAvailable": min(ready, n)}
        else:
            status |= {"replicas": n, "updatedReplicas": min(updated, n), "readyReplicas": min(ready, n),
                       "availableReplicas": min(ready, n)}
        self.touch(obj)

    def settle(self, obj):
        self.counts(obj, 1 << 20, 1 << 20)
        if obj["kind"] == "StatefulSet":
            obj["status"]["currentRevision"] = obj["status"]["updateRevision"] = f"r{obj['metadata']['generation']}"

    def roll_out(self, obj):
        """observed, one new pod, all of them ready: a step each."""
        generation = obj["metadata"]["generation"]

        def if_newest(then):
            return lambda: then() if obj["metadata"]["generation"] == generation else None

        def begin():
            self.counts(obj, 0, 1)
            if obj["kind"] == "StatefulSet":
                obj["status"]["updateRevision"] = f"r{generation}"

        def give_up():
            obj["status"]["conditions"] = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
            self.touch(obj)

        self.later(1, if_newest(begin))
        if obj["spec"].get("template", {}).get("metadata", {}).get("labels", {}).get("test/never-ready") == "true":
            self.later(2, if_newest(give_up))
            return
        self.later(2, if_newest(lambda: self.counts(obj, 1, 1)))
        self.later(3, if_newest(lambda: self.settle(obj)))

    def end_pod(self, key, pod, grace):
        """Its controller takes a step to see that it is gone, and says until then what it said before."""
        owner, controller = self.controller_of(pod, key[0])

        def count(ready):
            if controller:
                wanted = self.pods_wanted(controller)
                controller["status"]["numberReady" if owner["kind"] == "DaemonSet" else "readyReplicas"] = wanted - 1 + ready
                self.touch(controller)

        def replace():
            again = copy.deepcopy(pod)
            for name in ("uid", "deletionTimestamp"):
                again["metadata"].pop(name, None)
            if owner["kind"] != "StatefulSet":
                again["metadata"]["name"] += "x"
            self.put(again)
            again["status"]["conditions"][0]["status"] = "False"
            count(0)
            self.later(1, lambda: ready(again))

        def ready(again):
            again["status"]["conditions"][0]["status"] = "True"
            self.touch(again)
            count(1)

        if grace == 0:
            self.objects.pop(key, None)
        else:
            self.later(1, lambda: self.objects.pop(key, None))
        self.later(2, replace)

    def ready_pods(self):
        return sum(1 for (_, plural, _), pod in self.objects.items() if plural == "pods" and
                   "deletionTimestamp" not in pod["metadata"] and pod["status"]["conditions"][0]["status"] == "True")

    @staticmethod
    def pods_wanted(controller):
        return controller["status"]["desiredNumberScheduled"] if controller["kind"] == "DaemonSet" else controller[
            "spec"].get("replicas", 1)

    def controller_of(self, pod, namespace):
        owner = next(o for o in pod["metadata"]["ownerReferences"] if o.get("controller"))
        plural = next(p for p, kind in KINDS.items() if kind == owner["kind"])
        return owner, self.objects.get((namespace, plural, owner["name"]))

    def wanted_beside(self, pod, namespace):
        _, controller = self.controller_of(pod, namespace)
        return self.pods_wanted(controller) if controller else 1

    # --- verbs ---------------------------------------------------------------------------------------------------

    def patch(self, namespace, plural, name, patch):
        obj = self.find(namespace, plural, name)
        bad = unknown_field(patch, FIELDS[obj["kind"]])
        if bad is not None:
            raise Refusal(422, "Invalid", f' "" is invalid: patch: Invalid value: "map[]": strict decoding error: unknown '
                          f'field "{bad}"')
        meta = patch.get("metadata", {})
        if meta.get("resourceVersion", obj["metadata"]["resourceVersion"]) != obj["metadata"]["resourceVersion"]:
            raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on {plural}.apps "{name}": the object has been '
                          "modified; please apply your changes to the latest version and try again", {"name": name})
        if meta.get("uid", obj["metadata"]["uid"]) != obj["metadata"]["uid"]:
            raise Refusal(422, "Invalid", f'metadata.uid: Invalid value: "{meta["uid"]}": field is immutable', {"name": name})
        changed = copy.deepcopy(obj)
        merge(changed, patch)
        if faults := self.schemas.new_faults(changed, obj):
            raise Refusal(422, "Invalid", f'{obj["kind"]}.apps "{name}" is invalid: {"; ".join(faults)}', {"name": name})
        if changed != obj:
            if changed["spec"] != obj["spec"]:
                changed["metadata"]["generation"] += 1
            obj.clear()
            obj.update(changed)
            self.touch(obj)
            if "template" in patch.get("spec", {}):
                self.restarts.append(patch["spec"]["template"]["metadata"]["annotations"])
                self.roll_out(obj)
            else:
                self.scales.append(obj["spec"].get("replicas"))
                self.later(2, lambda: self.settle(obj))
        return 200, obj

    def evict(self, namespace, name, body):
        bad = unknown_field(body, FIELDS["Eviction"])
        if bad is not None:
            raise Refusal(400, "BadRequest", f'strict decoding error: unknown field "{bad}"')
        if (body.get("apiVersion"), body.get("kind")) != ("policy/v1", "Eviction"):
            raise Refusal(400, "BadRequest", "no Eviction of policy/v1")
        if faults := self.schemas.faults(body):
            raise Refusal(400, "BadRequest", f'Eviction is invalid: {"; ".join(faults)}')
        if body.get("metadata", {}).get("name") != name:
            raise Refusal(400, "BadRequest", "name in URL does not match name in Eviction object")
        pod = self.find(namespace, "pods", name)
        wanted = body.get("deleteOptions", {}).get("preconditions", {})
        for key in ("uid", "resourceVersion"):
            if wanted.get(key, pod["metadata"][key]) != pod["metadata"][key]:
                raise Refusal(409, "Conflict", f"the {key} in the precondition ({wanted[key]}) does not match the one in "
                              f"record ({pod['metadata'][key]})", {"name": name})
        labels = pod["metadata"].get("labels", {})
        budgets = [b for b in self.budgets if b["metadata"]["namespace"] == namespace
                   and b["spec"]["selector"]["matchLabels"].items() <= labels.items()]
        if len(budgets) > 1:
            raise Refusal(500, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction "
                          "subresource does not support.")
        if budgets and (needed := budgets[0]["spec"]["minAvailable"]) >= (healthy := self.wanted_beside(pod, namespace)):
            raise Refusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
                "causes": [{"reason": "DisruptionBudget", "message": f"The disruption budget {budgets[0]['metadata']['name']}"
                            f" needs {needed} healthy pods and has {healthy} currently"}]})
        if "deletionTimestamp" not in pod["metadata"]:
            pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            self.touch(pod)
            self.evictions.append(pod["metadata"]["uid"])
            self.end_pod((namespace, "pods", name), pod, body.get("deleteOptions", {}).get("gracePeriodSeconds"))
        return 201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}

    def list_autoscalers(self, namespace):
        items = [obj for (where, plural, _), obj in self.objects.items()
                 if (where, plural) == (namespace, "horizontalpodautoscalers")]
        return 200, {"kind": "HorizontalPodAutoscalerList", "apiVersion": "autoscaling/v2", "metadata": {}, "items": items}

    def list_pods(self, namespace, query):
        wanted = dict(part.split("=", 1) for part in query.get("labelSelector", "").split(",") if part)
        pods = [obj for (where, plural, _), obj in sorted(self.objects.items()) if (where, plural) == (namespace, "pods")
                and wanted.items() <= obj["metadata"].get("labels", {}).items()]
        begin, limit = int(query.get("continue") or 0), int(query.get("limit") or 500)
        more = {"continue": str(begin + limit)} if len(pods) > begin + limit else {}
        return 200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": str(self.version)} | more,
                     "items": pods[begin:begin + limit]}

    def control(self, order):
        for obj in order.get("objects", []):
            self.put(obj)
        for namespace, plural, name in order.get("remove", []):
            self.remove(namespace, plural, name)
        self.forbidden = {tuple(pair) for pair in order.get("forbid", [])} or self.forbidden
        self.fault = order.get("fault", self.fault)
        self.step = order.get("step", self.step)


class Handler(FakeHandler):
    cluster = folder = None

    def answer(self, code, body, headers=()):
        text = json.dumps(body).encode()
        self.send_whole(code, "application/json", text, headers)

    def check_user(self):
        if self.connection.getpeercert():
            return
        if self.headers.get("Authorization") != "Bearer " + (self.folder / "token").read_text().strip():
            raise Refusal(401, "Unauthorized", "Unauthorized")

    def serve(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.check_user()
            if url.path == "/control":
                return self.serve_control(body)
            fault = self.take_fault()
            if fault.get("before") and self.suffer(fault["before"]):
                return None
            with self.cluster.lock:
                self.cluster.requests += 1
                code, answer = self.act(url.path, query, body)
                answer = copy.deepcopy(answer)
            if fault.get("after") and self.suffer(fault["after"]):
                return None
            return self.answer(code, answer)
        except Refusal as refusal:
            headers = [("Retry-After", "10")] if refusal.code == 429 else []
            return self.answer(refusal.code, refusal.status, headers)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    do_GET = do_PATCH = do_POST = do_DELETE = do_PUT = serve

    def serve_control(self, body):
        cluster = self.cluster
        with cluster.lock:
            if self.command == "POST":
                cluster.control(json.loads(body))
            told = {"restarts": cluster.restarts, "evictions": cluster.evictions, "scales": cluster.scales,
                    "requests": cluster.requests, "ready_pods": cluster.ready_pods()}
            self.answer(200, copy.deepcopy(told))

    def take_fault(self):
        """That of this method, once."""
        with self.cluster.lock:
            fault = self.cluster.fault
            if not fault or fault["method"] != self.command:
                return {}
            self.cluster.fault = None
            return fault

    def suffer(self, how):
        """Whether the request ends here."""
        self.close_connection = True
        if how == "close":
            return True
        if how == "endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b" " * 65536)
        if isinstance(how, int):
            raise Refusal(how, {410: "Expired", 429: "TooManyRequests"}.get(how, "InternalError"),
                          "you sent " + self.headers.get("Authorization", "nothing"))
        time.sleep(float(how))  # slow
        return False

    def act(self, path, query, body):
        match = PATH.match(path)
        if not match or match[2] not in KINDS:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        namespace, plural, name, sub = match.groups()
        verb = {"GET": "get" if name else "list", "PATCH": "patch", "POST": "create"}.get(self.command)
        resource = plural + ("/" + sub if sub else "")
        if (verb, resource) in self.cluster.forbidden:
            group = path.split("/")[2] if path.startswith("/apis/") else ""
            raise Refusal(403, "Forbidden", f'{plural}{"." + group if group else ""} "{name or ""}" is forbidden: User "medic" '
                          f'cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}"',
                          {"name": name})
        if verb == "get" and not sub:
            return 200, self.cluster.find(namespace, plural, name)
        if verb == "list" and plural == "pods":
            return self.cluster.list_pods(namespace, query)
        if verb == "list" and plural == "horizontalpodautoscalers":
            return self.cluster.list_autoscalers(namespace)
        if not set(query) <= {"fieldManager", "fieldValidation", "timeout", "dryRun"}:
            raise Refusal(400, "BadRequest", f"unknown parameters in {query}")
        if query.get("fieldValidation") != "Strict":
            raise Refusal(400, "BadRequest", "the test wants fieldValidation=Strict")
        if verb == "patch" and not sub and plural in ("deployments", "statefulsets", "daemonsets"):
            if self.headers.get("Content-Type") != "application/strategic-merge-patch+json":
                raise Refusal(415, "UnsupportedMediaType", "the body of the request was in an unknown format")
            return self.cluster.patch(namespace, plural, name, json.loads(body))
        if verb == "create" and sub == "eviction" and plural == "pods":
            return self.cluster.evict(namespace, name, json.loads(body))
        raise Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def make_server(folder, step, port=0):
    """A server that is not running yet, and its cluster."""
    cluster = Cluster(step)
    handler = type("Bound", (Handler,), {"cluster": cluster, "folder": Path(folder)})
    server = FakeServer(("127.0.0.1", port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(folder) / "server.pem", Path(folder) / "server.key")
    context.load_verify_locations(Path(folder) / "ours.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=cluster.run_controllers, daemon=True).start()
    return server, cluster


def make_credentials(folder):
    """What make_server wants in the folder, by the openssl program."""
    def make(name, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", f"/CN={name}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", *more],
                       check=True, capture_output=True)

    make("ours", "-addext", "basicConstraints=critical,CA:TRUE")
    make("server", "-CA", f"{folder}/ours.pem", "-CAkey", f"{folder}/ours.key", "-addext", "basicConstraints=critical,CA:FALSE",
         "-addext", "subjectAltName=IP:127.0.0.1")
    (Path(folder) / "token").write_text("t0k3n")


def main():
    server, _ = make_server(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.05)
    serve_while_wanted(server)


if __name__ == "__main__":
    main()
