"""An Auto Scaling endpoint for tests: the query protocol of 2011-01-01, as strict as the real one where scale_out meets
it. It verifies every signature (Signature Version 4) by a computation of its own, and the time in it.

    aws_auto_scaling.py [STEP]     STEP: seconds from Pending to InService

POST /control (unsigned) changes it: {"group": {...}, "fault": {"action": A, "before"|"after": HOW}, "skew": S,
"forbid": [A], "policies": [...], "step": S, "role": R} and tells {"sets": [...], "requests": N, "desired": N, "refused": [...]}. It
is the metadata service of an instance too (IMDSv2), whose role R has these credentials. It ends when its parent does.
"""
import calendar
import hashlib
import hmac
import json
import re
import sys
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

from fake_server import FakeHandler, FakeServer, serve_while_wanted

KEY_ID, SECRET, TOKEN, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "t0k3n/of+a=session", "cn-north-1"
METADATA_TOKEN = "AQAEAJxq=="
NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/"
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})")
# What each action must and may say.
ACTIONS = {
    "DescribeAutoScalingGroups": ({"AutoScalingGroupNames.member.1"}, set()),
    "DescribePolicies": ({"AutoScalingGroupName"}, {"MaxRecords"}),
    "DescribeScalingActivities": ({"AutoScalingGroupName"}, {"MaxRecords"}),
    "SetDesiredCapacity": ({"AutoScalingGroupName", "DesiredCapacity"}, {"HonorCooldown"}),
}


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def digest(text):
    return hashlib.sha256(text).hexdigest()


def check_signature(headers, body, now):
    """By the published algorithm, from what came over the wire."""
    match = AUTHORIZATION.fullmatch(headers.get("Authorization") or "")
    if not match:
        raise Refusal(403, "MissingAuthenticationToken", "Missing Authentication Token")
    key_id, day, region, service, names, signature = match.groups()
    if key_id != KEY_ID:
        raise Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    signed = names.split(";")
    sent = {name.lower() for name in headers if name.lower() == "host" or name.lower().startswith("x-amz-")}
    if signed != sorted(signed) or not {"host", "x-amz-date", *sent} <= set(signed):
        raise Refusal(403, "SignatureDoesNotMatch", f"'{names}' must hold 'host' and all of x-amz-*")
    date = headers["X-Amz-Date"] or ""
    canonical = "\n".join(["POST", "/", "", *(f"{n}:{' '.join(headers[n].split())}" for n in signed), "", names, digest(body)])
    scope = f"{day}/{region}/{service}/aws4_request"
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, digest(canonical.encode())])
    if not hmac.compare_digest(hmac.new(key, text.encode(), "sha256").hexdigest(), signature):
        raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you "
                      f"provided. You said {headers['Authorization']}")
    if (region, service) != (REGION, "autoscaling") or not date.startswith(day):
        raise Refusal(403, "SignatureDoesNotMatch", f"Credential should be scoped to a valid region, not '{region}'.")
    age = now - calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    if abs(age) > 300:
        raise Refusal(403, "SignatureDoesNotMatch", f"Signature expired: {date} is now earlier than it may be")
    if headers.get("X-Amz-Security-Token") not in (None, TOKEN):
        raise Refusal(403, "ExpiredToken", "The security token included in the request is expired")


class Group:
    """Of the name `orders`; a thread brings its instances where they are to be."""

    def __init__(self, step):
        self.lock = threading.RLock()
        self.step, self.skew, self.fault, self.forbidden = step, 0.0, None, set()
        self.says = {"MinSize": 1, "MaxSize": 5, "DesiredCapacity": 2, "Status": ""}
        self.suspended, self.policies, self.standby = [], [], 0
        self.role = "medic"  # of the instance; empty: none
        self.failure = ""  # of its newest activity
        self.sick = 0  # instances in service that are not healthy
        self.pending_since = []
        self.in_service = 2
        self.sets, self.requests, self.refused = [], 0, []

    def settle(self):
        """What has become of it by now."""
        now = time.monotonic()
        due = [t for t in self.pending_since if now - t >= self.step]
        self.pending_since = [t for t in self.pending_since if now - t < self.step]
        self.in_service += len(due)
        missing = self.says["DesiredCapacity"] - self.in_service - len(self.pending_since)
        if "Launch" not in self.suspended:
            self.pending_since += [now] * max(0, missing)
        if missing < 0:
            self.in_service = self.says["DesiredCapacity"] - len(self.pending_since)

    def control(self, order):
        for key, value in order.get("group", {}).items():
            if key in self.says:
                self.says[key] = value
            else:
                setattr(self, key, value)
        if "DesiredCapacity" in order.get("group", {}):
            self.in_service, self.pending_since = order["group"]["DesiredCapacity"], []
        self.skew = order.get("skew", self.skew)
        self.step = order.get("step", self.step)
        self.fault = order.get("fault", self.fault)
        self.policies = order.get("policies", self.policies)
        self.role = order.get("role", self.role)
        self.forbidden = set(order.get("forbid", self.forbidden))

    def describe(self, form):
        if form["AutoScalingGroupNames.member.1"] != "orders":
            return "<AutoScalingGroups/>"
        states = (["InService"] * self.in_service + ["Pending"] * len(self.pending_since) + ["Standby"] * self.standby)
        instances = "".join(
            f"<member><InstanceId>i-{n}</InstanceId><LifecycleState>{state}</LifecycleState>"
            f"<HealthStatus>{'Unhealthy' if n < self.sick else 'Healthy'}</HealthStatus></member>"
            for n, state in enumerate(states))
        suspended = "".join(f"<member><ProcessName>{p}</ProcessName></member>" for p in self.suspended)
        says = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in self.says.items() if value != "")
        return (f"<AutoScalingGroups><member><AutoScalingGroupName>orders</AutoScalingGroupName>{says}"
                f"<Instances>{instances}</Instances><SuspendedProcesses>{suspended}</SuspendedProcesses></member>"
                "</AutoScalingGroups>")

    def describe_policies(self, _form):
        members = "".join("<member>" + "".join(f"<{k}>{v}</{k}>" for k, v in policy.items()) + "</member>"
                          for policy in self.policies)
        return f"<ScalingPolicies>{members}</ScalingPolicies>"

    def describe_activities(self, _form):
        failed = f"<StatusCode>Failed</StatusCode><StatusMessage>{escape(self.failure)}</StatusMessage>"
        return f"<Activities><member>{failed if self.failure else '<StatusCode>Successful</StatusCode>'}</member></Activities>"

    def set_desired(self, form):
        count = int(form["DesiredCapacity"])
        if form["AutoScalingGroupName"] != "orders":
            raise Refusal(400, "ValidationError", "AutoScalingGroup name not found")
        for word, bound, over in (("above max", "MaxSize", count > self.says["MaxSize"]),
                                  ("below min", "MinSize", count < self.says["MinSize"])):
            if over:
                raise Refusal(400, "ValidationError", f"New SetDesiredCapacity value {count} is {word} value "
                              f"{self.says[bound]} for the AutoScalingGroup.")
        self.says["DesiredCapacity"] = count
        self.sets.append(count)
        self.settle()
        return None


class Handler(FakeHandler):
    def answer(self, status, text, headers=()):
        body = text.encode()
        self.send_whole(status, "text/xml", body, headers)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.path == "/control":
                return self.serve_control(body)
            return self.serve(body)
        except Refusal as refusal:
            self.group.refused.append(refusal.code)
            self.answer(refusal.status, f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{refusal.code}'
                        f"</Code><Message>{escape(refusal.message)}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_PUT(self):
        """A session of IMDSv2; the token's time is part of the request."""
        seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds") or ""
        if self.path != "/latest/api/token" or not seconds.isdigit() or not 1 <= int(seconds) <= 21600:
            return self.answer(400, "")
        return self.answer(200, METADATA_TOKEN)

    def do_GET(self):
        role, folder = self.group.role, "/latest/meta-data/iam/security-credentials/"
        if self.headers.get("X-aws-ec2-metadata-token") != METADATA_TOKEN:
            return self.answer(401, "")
        if self.path == folder and role:
            return self.answer(200, role)
        if self.path == folder + role and role:
            return self.answer(200, json.dumps({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": KEY_ID,
                                                "SecretAccessKey": SECRET, "Token": TOKEN}))
        return self.answer(404, "<html/>")

    def serve_control(self, body):
        group = self.group
        with group.lock:
            group.control(json.loads(body or "{}"))
            self.answer(200, json.dumps({"sets": group.sets, "requests": group.requests, "refused": group.refused,
                                         "desired": group.says["DesiredCapacity"]}))

    def serve(self, body):
        if self.path != "/" or not self.headers["Content-Type"].startswith("application/x-www-form-urlencoded"):
            raise Refusal(404, "UnknownOperationException", self.path)
        with self.group.lock:
            self.group.requests += 1
        check_signature(self.headers, body, time.time() + self.group.skew)
        pairs = urllib.parse.parse_qsl(body.decode(), strict_parsing=True)
        form = dict(pairs)
        if len(form) != len(pairs) or form.pop("Version", "") != "2011-01-01":
            raise Refusal(400, "NoSuchVersion", "one Version, and every name once")
        action = form.pop("Action", "")
        must, may = ACTIONS.get(action, (None, None))
        if must is None:
            raise Refusal(400, "InvalidAction", f"Could not find operation {action}")
        if not must <= set(form) <= must | may:
            raise Refusal(400, "ValidationError", f"{action} does not take {sorted(form)}")
        fault = self.take_fault(action)
        if fault.get("before") and self.suffer(fault["before"]):
            return None
        with self.group.lock:
            if action in self.group.forbidden:
                raise Refusal(403, "AccessDenied", f"User: arn:aws-cn:iam::1:user/medic is not authorized to perform: "
                              f"autoscaling:{action}")
            self.group.settle()
            result = {"DescribeAutoScalingGroups": self.group.describe, "DescribePolicies": self.group.describe_policies,
                      "DescribeScalingActivities": self.group.describe_activities,
                      "SetDesiredCapacity": self.group.set_desired}[action](form)
        if fault.get("after") and self.suffer(fault["after"]):
            return None
        inside = f"<{action}Result>{result}</{action}Result>" if result is not None else ""
        return self.answer(200, f'<{action}Response xmlns="{NAMESPACE}">{inside}<ResponseMetadata><RequestId>r-1</RequestId>'
                           f"</ResponseMetadata></{action}Response>")

    def take_fault(self, action):
        """That of this action, once."""
        with self.group.lock:
            fault = self.group.fault
            if not fault or fault["action"] != action:
                return {}
            self.group.fault = None
            return fault

    def suffer(self, how):
        """Whether the request ends here."""
        if isinstance(how, list):
            raise Refusal(*how, f"You sent {self.headers['Authorization']} and {self.headers.get('X-Amz-Security-Token')}")
        self.close_connection = True
        if how == "endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"<a>" * 20000)
        if how == "close":
            return True
        if how == "redirect":
            self.answer(307, "", [("Location", "http://127.0.0.1:9/")])
            return True
        if how in ("not xml", "<a/>"):
            self.answer(200, how)
            return True
        time.sleep(float(how))  # slow
        return False


def make_server(step, port=0):
    """A server that is not running yet, and its group."""
    group = Group(step)
    return FakeServer(("127.0.0.1", port), type("Bound", (Handler,), {"group": group})), group


def credentials_text(token=TOKEN):
    return (f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
            + (f"aws_session_token = {token}\n" if token else ""))


def main():
    server, _ = make_server(float(sys.argv[1]) if len(sys.argv) > 1 else 0.05)
    serve_while_wanted(server)


if __name__ == "__main__":
    main()
