"""A management controller for tests: one system `1` of Redfish as strict as the standard where host_reboot meets it
(basic authentication, allowable values, one reset at a time), which lies on demand.

    redfish_bmc.py

POST /control (no password) changes it: {"system": {...}, "thermal": [...], "resets": [...] | null, "action_info": true,
"fault": {"method": M, "before"|"after": HOW}, "stuck": true} and tells {"resets": [...], "passwords": [...],
"requests": N}. It ends when its parent does.
"""
import base64
import json
import threading
import time

from fake_server import FakeHandler, FakeServer, serve_while_wanted

USER, PASSWORD = "medic", "s3cr3t word"
SYSTEM, CHASSIS = "/redfish/v1/Systems/1", "/redfish/v1/Chassis/1"


class Bmc:
    def __init__(self):
        self.lock = threading.RLock()
        self.says = {"Id": "1", "PowerState": "On", "Status": {"State": "Enabled", "Health": "OK"},
                     "LastResetTime": "2026-11-01T00:00:00Z", "Links": {"Chassis": [{"@odata.id": CHASSIS}]}}
        self.thermal, self.supplies = [], []
        self.resets = ["On", "ForceOff", "GracefulRestart", "ForceRestart"]
        self.action_info, self.stuck, self.fault = False, False, None
        self.done, self.passwords, self.requests = [], [], 0
        self.target = SYSTEM + "/Actions/ComputerSystem.Reset"

    def control(self, order):
        self.says.update(order.get("system", {}))
        for key in ("thermal", "supplies", "resets", "action_info", "stuck", "fault", "target"):
            if key in order:
                setattr(self, key, order[key])

    def system(self):
        reset = {"target": self.target}
        if self.action_info:
            reset["@Redfish.ActionInfo"] = SYSTEM + "/ResetActionInfo"
        elif self.resets is not None:
            reset["ResetType@Redfish.AllowableValues"] = self.resets
        return self.says | {"Actions": {"#ComputerSystem.Reset": reset}}

    def get(self, path):
        return {
            SYSTEM: self.system,
            SYSTEM + "/ResetActionInfo": lambda: {"Parameters": [
                {"Name": "ResetType", "Required": True, "AllowableValues": self.resets}]},
            CHASSIS: lambda: {"Name": "Chassis", "Status": {"Health": "OK"}, "Thermal": {"@odata.id": CHASSIS + "/Thermal"},
                              "Power": {"@odata.id": CHASSIS + "/Power"}},
            CHASSIS + "/Thermal": lambda: {"Temperatures": self.thermal},
            CHASSIS + "/Power": lambda: {"PowerSupplies": self.supplies},
        }.get(path)

    def reset(self, kind):
        self.done.append(kind)
        if not self.stuck:
            self.says["LastResetTime"] = f"2026-11-28T00:00:{len(self.done):02d}Z"


class Handler(FakeHandler):
    def answer(self, status, body=None, headers=()):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_whole(status, "application/json", text, headers)

    def refuse(self, status, message):
        self.answer(status, {"error": {"code": "Base.1.8.GeneralError", "message": message}})

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bmc = self.bmc
        if self.path == "/control":
            with bmc.lock:
                bmc.control(json.loads(body or "{}"))
                return self.answer(200, {"resets": bmc.done, "passwords": bmc.passwords, "requests": bmc.requests})
        with bmc.lock:
            bmc.requests += 1
            fault = bmc.fault if bmc.fault and bmc.fault["method"] == self.command else {}
            if fault:
                bmc.fault = None
        try:
            kind, _, word = (self.headers.get("Authorization") or "").partition(" ")
            given = base64.b64decode(word).decode() if kind == "Basic" else ""
            bmc.passwords.append(given)
            if given != f"{USER}:{PASSWORD}":
                return self.refuse(401, f"no such user; you said {given}")
            if "before" in fault and self.suffer(fault["before"]):
                return None
            with bmc.lock:
                status, answer = self.act(body)
            if "after" in fault and self.suffer(fault["after"]):
                return None
            return self.refuse(status, answer) if status >= 400 else self.answer(status, answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = serve

    def act(self, body):
        if self.command == "GET":
            found = self.bmc.get(self.path)
            return (200, found()) if found else (404, "no such resource")
        if self.path != SYSTEM + "/Actions/ComputerSystem.Reset":
            return 405, "not allowed"
        order = json.loads(body)
        if self.headers.get("Content-Type") != "application/json" or set(order) != {"ResetType"}:
            return 400, "one ResetType in JSON"
        if order["ResetType"] not in (self.bmc.resets or []):
            return 400, f"{order['ResetType']} is not in the list of acceptable values"
        self.bmc.reset(order["ResetType"])
        return 204, None

    def suffer(self, how):
        """Whether the request ends here."""
        self.close_connection = True
        if isinstance(how, int):
            self.refuse(how, "you said " + PASSWORD)
            return True
        if isinstance(how, dict):
            self.answer(how["status"], None, [("Location", how["location"])])
            return True
        if how == "close":
            return True
        if how == "endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"{" * 65536)
        time.sleep(float(how))  # hangs
        return False


def make_server(port=0):
    """A server that is not running yet, and its controller."""
    bmc = Bmc()
    return FakeServer(("127.0.0.1", port), type("Bound", (Handler,), {"bmc": bmc})), bmc


def main():
    server, _ = make_server()
    serve_while_wanted(server)


if __name__ == "__main__":
    main()
