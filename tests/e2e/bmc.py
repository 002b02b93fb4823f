"""A management controller (tests/fakes/redfish_bmc.py) that has the power of one host in its hands."""
import json
import subprocess
import sys
import threading
import urllib.request

from loop.layout import REPOSITORY
from loop.processes import end_child

FAKES = REPOSITORY / "tests" / "fakes"
sys.path.insert(0, str(FAKES))
import redfish_bmc  # noqa: E402


class Bmc:
    """`reset` is called for each reset that was ordered."""

    def __init__(self, reset):
        self._server = subprocess.Popen(["/usr/bin/python3", "-B", FAKES / "redfish_bmc.py"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.url = "http://" + self._server.stderr.readline().split()[-1]
        self._reset, self._ending = reset, threading.Event()
        self._thread = threading.Thread(target=self._carry_out, name="bmc", daemon=True)
        self._thread.start()

    def resets(self):
        request = urllib.request.Request(self.url + "/control", b"{}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["resets"]

    def access(self, folder):
        """`redfish` of the configuration; the password lies in the folder."""
        password = folder / "bmc"
        password.write_text(redfish_bmc.PASSWORD)
        password.chmod(0o600)
        return {"url": self.url, "system": "1", "username": redfish_bmc.USER, "password_file": str(password)}

    def stop(self):
        self._ending.set()
        self._thread.join(60)
        self._server.terminate()
        end_child(self._server)

    def _carry_out(self):
        done = 0
        while not self._ending.wait(0.1):
            ordered = len(self.resets())
            if ordered > done:
                done = ordered
                self._reset()
