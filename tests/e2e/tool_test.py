"""The operator's tool against the running remediator: what people see, and their word on it."""
import json
import subprocess
import unittest

from loop.processes import wait_for

from lone_remediator import LoneRemediator
from story import programs
from webhooks import alert

TIMEOUT = 60  # seconds that the tool may take on a busy machine


class Tool(LoneRemediator):
    def setUp(self):
        super().setUp()
        self.access = self.layout.conf / "fieldmedic.yml"
        self.log_in("operator")

    def log_in(self, user):
        self.access.write_text(json.dumps({
            "url": f"http://127.0.0.1:{self.ports.remediator}", "username": user,
            "password_file": str(self.credentials.password_file(user))}))

    def tool(self, *arguments, code=0):
        """What it prints, on standard output when it ends well, else on standard error."""
        answer = subprocess.run(
            [programs().tool, f"--config.file={self.access}", *arguments],
            capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.assertEqual(code, answer.returncode, answer.stderr + answer.stdout)
        self.assertEqual("", answer.stdout if code else answer.stderr)
        return answer.stderr if code else answer.stdout

    def asking(self):
        """A configuration whose one remedy wants an operator's word."""
        configuration = self.configuration()
        configuration["playbooks"][0]["tiers"][0]["approval"] = {"from": "operator", "expires": "10m"}
        configuration["roles"] = {"operator": "operator", "medic": "sender"}
        return configuration

    def incident_that_asks(self):
        self.accept(alert())
        (incident,) = wait_for(
            lambda: json.loads(self.tool("incidents", "--state", "open", "--json"))["incidents"], 30, "no incident")
        return wait_for(lambda: (found := self.remediator.incident(incident["id"])).get("approval") and found, 30,
                        lambda: f"it does not ask: {self.remediator.incident(incident['id'])}")

    def test_a_person_looks_and_says_yes(self):
        self.start(self.asking())
        self.assertEqual("no incidents\n", self.tool("incidents"))
        incident = self.incident_that_asks()
        number, approval = str(incident["id"]), incident["approval"]
        self.assertIn("waiting_approval", self.tool("incidents"))
        page = self.tool("show", number)
        self.assertIn(f"yes: fieldmedic approve {number} {approval['hash']}\n", page)
        self.assertIn(approval["what"], page)

        self.assertIn(approval["hash"], self.tool("approve", number, "0000000000000000", code=1))
        self.log_in("medic")
        self.assertIn("takes the role operator", self.tool("approve", number, approval["hash"], code=77))
        self.assertEqual([], self.orders.processes())
        self.log_in("operator")
        self.tool("approve", number, approval["hash"])
        self.assertEqual("recovered", self.only_incident()["state"])
        self.assertIn("approved", self.tool("show", number))

    def test_a_person_says_no(self):
        self.start(self.asking())
        number = str(self.incident_that_asks()["id"])
        self.assertIn("cancelled", self.tool("cancel", number, "--reason", "the disk is changed by hand"))
        ended = self.only_incident()
        self.assertEqual(("cancelled", "by operator: the disk is changed by hand"), (ended["state"], ended["reason"]))
        self.assertEqual([], self.orders.processes())
        self.assertIn(f"no open incident {number}", self.tool("cancel", number, code=1))

    def test_a_pause_holds_back_and_resume_lets_go(self):
        self.start()
        self.tool("pause", "host/lab", "--reason", "new kernel")
        self.assertIn("paused", self.tool("pause", "host/lab", code=1))
        self.assertRegex(self.tool("brakes"), "paused +host/lab +by operator: new kernel")
        self.accept(alert())
        wait_for(lambda: "waiting" in self.tool("incidents"), 30, "nothing waits")
        self.assertEqual([], self.orders.processes())
        self.tool("resume", "host/lab")
        self.assertEqual("recovered", self.only_incident()["state"])
        self.assertEqual("nothing is paused, no breaker is open\n", self.tool("brakes"))
        self.assertIn("a scope is all", self.tool("pause", "everything", code=64))

    def test_a_plan_says_what_would_be_done_and_does_nothing(self):
        self.start(self.asking())
        labels = [f"{name}={value}" for name, value in alert()["labels"].items()]
        page = self.tool("plan", *labels)
        self.assertIn("collector/orders@lab on host lab: playbook collector-down (act)", page)
        self.assertIn("wants approval from operator", page)
        planned = json.loads(self.tool("plan", *labels, "--json"))
        self.assertEqual(["fail"], [check["verdict"] for check in planned["checks"]])
        self.assertNotIn("refused", planned["tiers"][0])
        self.assertEqual([], self.incidents())
        self.assertEqual([], self.orders.processes())
        # An approval is bound to the same hash.
        self.assertEqual(planned["tiers"][0]["plan"]["hash"], self.incident_that_asks()["approval"]["hash"])

        self.tool("pause", "all", "--reason", "release")
        self.assertIn("paused: ", self.tool("plan", *labels))
        self.assertIn("no playbook matches", self.tool("plan", "alertname=Other"))
        self.assertIn("the inventory has no host", self.tool("plan", *labels[:2], "host=elsewhere"))
        self.assertIn("wants to be a label", self.tool("plan", "CollectorDown", code=64))
        self.log_in("medic")
        self.assertIn("takes the role operator", self.tool("plan", *labels, code=77))

    def test_what_cannot_be_asked_is_told(self):
        self.assertIn("the remediator does not answer", self.tool("incidents", code=69))
        self.start()
        (self.layout.secrets / "wrong.password").write_text("wrong")
        self.access.write_text(json.dumps({
            "url": f"http://127.0.0.1:{self.ports.remediator}", "username": "operator",
            "password_file": str(self.layout.secrets / "wrong.password")}))
        self.assertIn("wants a user and a password", self.tool("incidents", code=77))
        self.access.write_text("url: 17\n")
        self.assertIn(f"{self.access}:1:6: ", self.tool("incidents", code=78))
        self.log_in("operator")
        self.assertIn("no incident 17", self.tool("show", "17", code=1))

    def test_configurations_and_journals_are_checked(self):
        self.configure(self.configuration())
        file = f"{self.layout.conf}/remediator.yml"
        self.assertEqual(f"{file}: OK\n", self.tool("check", "remediator", file))
        self.configure("lisen: 127.0.0.1:9988\n")
        self.assertIn(f"{file}:1:1: unknown key 'lisen'", self.tool("check", "remediator", file, code=78))
        self.configure(self.configuration())
        self.start()
        self.accept(alert())
        self.only_incident()
        self.assertIn("held by another process", self.tool("journal", "verify", str(self.journal), code=1))
        self.processes.stop("remediator")
        self.assertIn("each as it was written", self.tool("journal", "verify", str(self.journal)))
        lines = [json.loads(line) for line in self.tool("journal", "dump", str(self.journal)).splitlines()]
        self.assertIn("recovered", [line["event"] for line in lines])
        self.assertEqual("2 decisions, 0 would differ\n", self.tool("replay", file, str(self.journal)))
        self.assertEqual(list(range(1, len(lines) + 1)), [line["seq"] for line in lines])


if __name__ == "__main__":
    unittest.main(verbosity=2)
