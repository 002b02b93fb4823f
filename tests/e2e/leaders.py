"""Two programs of which one leads, by a lease in a real etcd, behind a real HAProxy: `first` and `spare`. Who leads
answers HTTP and writes its name down every tenth of a second. Needs the packages etcd-server, haproxy."""
import socket
import subprocess
import sys
import unittest
import urllib.request
from pathlib import Path

from loop.ports import Ports
from loop.processes import end_child, wait_for

KEY = "/leader"
LEADER = '''\
import base64, http.server, json, sys, threading, time, urllib.request
url, name, port, log = sys.argv[1:]

def ask(path, body):
    request = urllib.request.Request(url + path, json.dumps(body).encode())
    return json.load(urllib.request.urlopen(request, timeout=6))

def text(value):
    return base64.b64encode(value.encode()).decode()

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name.encode())

    def log_message(self, *_):
        pass

lease = ask("/v3/lease/grant", {"TTL": 8})["ID"]
wanted = {"compare": [{"key": text("@key@"), "target": "CREATE", "result": "EQUAL", "create_revision": "0"}],
          "success": [{"request_put": {"key": text("@key@"), "value": text(name), "lease": lease}}]}
while not ask("/v3/kv/txn", wanted).get("succeeded"):
    ask("/v3/lease/keepalive", {"ID": lease})
    time.sleep(0.2)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(log, "a", buffering=1) as leading:
    while int(ask("/v3/lease/keepalive", {"ID": lease})["result"].get("TTL", 0)) > 0:
        leading.write(name + "\\n")
        time.sleep(0.1)
'''.replace("@key@", KEY)

BALANCE = """\
global
  stats socket {folder}/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 10s
  timeout client 30s
  timeout server 30s
frontend in
  bind 127.0.0.1:{front}
  default_backend leader
backend leader
  server first 127.0.0.1:{first}
  server spare 127.0.0.1:{spare}
"""


class Leaders:
    @classmethod
    def or_skip(cls, folder):
        for program in ("/usr/bin/etcd", "/usr/sbin/haproxy", "/usr/bin/setsid"):
            if not Path(program).exists():
                print(f"SKIP: {program} is not installed", flush=True)
                raise unittest.SkipTest(f"{program} is not installed")
        return cls(folder)

    def __init__(self, folder):
        folder.mkdir()
        ports = Ports.free()
        self.folder, self.log, self.program = folder, folder / "leading", folder / "leader.py"
        self.log.write_text("")
        self.program.write_text(LEADER)
        self.ports = {"first": ports.archive, "spare": ports.people}
        self.etcd, peer = f"http://127.0.0.1:{ports.exporter}", f"http://127.0.0.1:{ports.remediator}"
        self.front, self.socket = f"http://127.0.0.1:{ports.prometheus}/", folder / "admin.sock"
        (folder / "haproxy.cfg").write_text(BALANCE.format(folder=folder, front=ports.prometheus, **self.ports))
        for name in ("first", "spare"):
            self._script(f"start-{name}", "exec setsid -f " + " ".join(self.argv(name)) + " >/dev/null 2>&1 </dev/null")
            # By its command line, and done where there is none: these have to be harmless when repeated.
            self._script(f"stop-{name}", f"pkill -KILL -f ' {self.program} {self.etcd} {name} '; [ $? -le 1 ]")
        self._children = [self._run("/usr/bin/etcd", "--name", "one", "--data-dir", folder / "etcd", "--listen-client-urls",
                                    self.etcd, "--advertise-client-urls", self.etcd, "--listen-peer-urls", peer,
                                    "--initial-advertise-peer-urls", peer, "--initial-cluster", f"one={peer}"),
                          self._run("/usr/sbin/haproxy", "-db", "-f", folder / "haproxy.cfg")]
        try:
            wait_for(lambda: self._listens(ports.exporter), 30, "etcd does not answer")
            wait_for(self.socket.exists, 30, "haproxy does not answer")
            self.do("start-first")
            wait_for(lambda: self.leading() == ["first"], 30, "first does not lead")
        except BaseException:
            self.stop()
            raise

    def argv(self, name):
        return [sys.executable, str(self.program), self.etcd, name, str(self.ports[name]), str(self.log)]

    def script(self, name):
        return str(self.folder / name)

    def do(self, name):
        subprocess.run([self.script(name)], check=True, timeout=30)

    def leading(self):
        """Who led, in the order in which they did; a name stands again when it led again."""
        turns = []
        for name in self.log.read_text().split():
            if turns[-1:] != [name]:
                turns.append(name)
        return turns

    def answers(self):
        """Who answers through the balance; None: nobody does."""
        try:
            return urllib.request.urlopen(self.front, timeout=30).read().decode()
        except OSError:
            return None

    def stop(self):
        for name in ("stop-first", "stop-spare"):
            subprocess.run([self.script(name)], check=False, timeout=30)
        for child in self._children:
            child.terminate()
            end_child(child)

    def _script(self, name, line):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o700)

    @staticmethod
    def _run(*argv):
        return subprocess.Popen(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    @staticmethod
    def _listens(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True
