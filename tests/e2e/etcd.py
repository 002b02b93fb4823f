"""A real etcd of one member on loopback."""
import base64
import json
import os
import subprocess
import unittest
import urllib.error
import urllib.request

from loop.ports import free_port
from loop.processes import end_child, wait_for

PROGRAM = "/usr/bin/etcd"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


class Etcd:
    def __init__(self, folder):
        self.url, peers = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.child = subprocess.Popen(
            [PROGRAM, "--data-dir", str(folder), "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
             "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.answers, 90, "etcd does not answer")

    @classmethod
    def or_skip(cls, folder):
        if not os.path.exists(PROGRAM):
            print(f"SKIP: {PROGRAM} is not installed", flush=True)
            raise unittest.SkipTest(f"{PROGRAM} is not installed")
        return cls(folder)

    def ask(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def answers(self):
        try:
            return "header" in self.ask("/v3/kv/range", {"key": encoded("/")})
        except (OSError, urllib.error.URLError):
            return False

    def put(self, key, value):
        self.ask("/v3/kv/put", {"key": encoded(key), "value": encoded(value)})

    def get(self, key):
        """Its value and how often it was set; (None, 0): it is not there."""
        for kv in self.ask("/v3/kv/range", {"key": encoded(key)}).get("kvs", []):
            return base64.b64decode(kv.get("value", "")).decode(), int(kv["version"])
        return None, 0

    def stop(self):
        self.child.terminate()
        end_child(self.child)
