"""Real servers and a stub on free loopback ports, in a folder of their own; each ends with its `with`."""
import base64
import contextlib
import http.server
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from tools import ROOT, tool

sys.path.append(str(ROOT / "scripts"))
from loop.ports import free_port  # noqa: E402

PATIENCE = 240  # seconds a server or an event may take on a busy machine


def free_address():
    return f"127.0.0.1:{free_port()}"


def fetch(url, data=None, content_type="application/x-www-form-urlencoded"):
    """GET, or POST where there is data; returns the status and the parsed JSON or the text."""
    request = urllib.request.Request(url, data=data, headers={"Content-Type": content_type} if data else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, body = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read().decode()
    with contextlib.suppress(ValueError):
        body = json.loads(body)
    return status, body


def eventually(what, condition, patience=PATIENCE):
    """Polls until the condition gives something true, which it returns; fails with `what` otherwise."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.1)
    raise TimeoutError(f"not within {patience} s: {what}")


@contextlib.contextmanager
def server(argv, url, log):
    """Runs a server until the block ends. It is up when `url` answers 200."""
    def answers():
        if process.poll() is not None:
            raise RuntimeError(f"{argv[0]} ended with {process.returncode}: {log.read_text()[-2000:]}")
        with contextlib.suppress(OSError):
            return fetch(url)[0] == 200
        return False

    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        eventually(f"{url} answers", answers)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def prometheus(folder, config, address):
    argv = [tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
            f"--web.listen-address={address}"]
    return server(argv, f"http://{address}/-/ready", folder / "prometheus.log")


def alertmanager(folder, config, address):
    argv = [tool("prometheus-alertmanager"), f"--config.file={config}", f"--storage.path={folder}/alertmanager",
            f"--web.listen-address={address}", "--cluster.listen-address="]
    return server(argv, f"http://{address}/-/ready", folder / "alertmanager.log")


class Stub(http.server.ThreadingHTTPServer):
    """Plays exporter, remediator and a receiver for people.

    GET /metrics answers `metrics`. POST /PATH keeps the alerts of a webhook in `received[PATH]`, and
    answers 401 on the remediator's path without the credentials of `user` and `password`.
    """
    daemon_threads = True
    guarded = "/api/v1/alertmanager"

    def __init__(self, user, password):
        super().__init__(("127.0.0.1", 0), StubHandler)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.metrics = ""
        self.received = {}
        self.refused = 0

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def alerts(self, path, status, **labels):
        """What arrived on a path with that status and at least these labels."""
        return [alert for alert in list(self.received.get(path, []))
                if alert["status"] == status and labels.items() <= alert["labels"].items()]


class StubHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, self.server.metrics.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == self.server.guarded and self.headers["Authorization"] != self.server.authorization:
            self.server.refused += 1
            return self.answer(401, b"")
        self.server.received.setdefault(self.path, []).extend(json.loads(body)["alerts"])
        return self.answer(200, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
