"""Objects judged by the schemas of npm's kubernetes-models, where scripts/kubernetes_schemas has fetched them."""
import json
import shutil
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/kubernetes-models"
JUDGE = Path(__file__).resolve().parent / "kubernetes_models/judge.mjs"


def why_not():
    """Empty when objects can be judged here."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (FOLDER / "node_modules/kubernetes-models/package.json").exists():
        return "the schemas of kubernetes-models are not here (scripts/kubernetes_schemas)"
    return ""


class Schemas:
    """Of no opinion where why_not() says something. Thread-safe; its process ends with this one, whose pipe it reads."""

    def __init__(self):
        self._lock, self._judge = threading.Lock(), None
        if not why_not():
            self._judge = subprocess.Popen(["node", str(JUDGE), str(FOLDER)], text=True, stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE)

    def faults(self, obj):
        """What is wrong with it, a text each."""
        if self._judge is None:
            return []
        with self._lock:
            self._judge.stdin.write(json.dumps(obj) + "\n")
            self._judge.stdin.flush()
            return json.loads(self._judge.stdout.readline())

    def new_faults(self, obj, before):
        """Those that `before` does not have: objects of the tests hold what a test needs, not all that is required."""
        known = set(self.faults(before))
        return [fault for fault in self.faults(obj) if fault not in known]

    def close(self):
        if self._judge is not None:
            self._judge.stdin.close()
            self._judge.wait()
            self._judge.stdout.close()
