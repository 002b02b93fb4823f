"""Alerts that did not come in whole are asked back from Alertmanager, and then act as if they had."""
import select
import socket
import time
import unittest

from loop.drill import events
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from story import applied
from webhooks import DOWN, PATH, alert, webhook

MOST = 64 * 1024 * 1024  # bytes of a webhook that are taken


def listed(firing, receiver="fieldmedic", state="active"):
    """An alert as GET /api/v2/alerts lists it."""
    return {name: firing[name] for name in ("labels", "annotations", "startsAt", "fingerprint", "generatorURL")} | {
        "endsAt": "2099-01-01T00:00:00Z", "updatedAt": firing["startsAt"], "receivers": [{"name": receiver}],
        "status": {"state": state, "inhibitedBy": [], "silencedBy": []}}


class IntakeIsLost(LoneRemediator):
    COLLECTORS = ("orders", "billing")

    def test_a_body_over_the_limit_is_refused_and_asked_back(self):
        self.alertmanager.alerts = [
            listed(alert()), listed(alert(DOWN | {"collector": "billing"}), receiver="people"),
            listed(alert(DOWN | {"collector": "billing"}), state="suppressed")]
        self.start()
        answer = self.stream(MOST + 1)
        self.assertRegex(answer, "^HTTP/1.1 413 ")
        self.assertIn("its alerts are asked back from Alertmanager", answer)
        self.assertEqual(1, self.metric("fieldmedic_webhook_requests_total", code="413"))
        self.prove_that_it_was_asked_back(f"a webhook of {MOST + 1} bytes was too large")

    def test_a_body_at_the_limit_is_taken(self):
        self.start()
        padding = MOST - len(b'{"version":"4","alerts":[]}')
        answer = self.stream(MOST, b'{"version":"4","alerts":[]' + b" " * padding + b"}")
        self.assertRegex(answer, "^HTTP/1.1 200 ")

    def test_alerts_that_were_cut_are_asked_back(self):
        self.alertmanager.alerts = [listed(alert())]
        self.start()
        self.assertEqual(200, self.post(webhook(truncatedAlerts=12))[0])
        self.prove_that_it_was_asked_back("12 alerts cut by max_alerts")

    def prove_that_it_was_asked_back(self, why):
        incident = self.only_incident()
        self.assertEqual(("collector/orders@lab", "recovered", 1),
                         (incident["target"], incident["state"], applied(incident)))
        self.assertEqual(1, len(events(incident, "alert_received")))
        self.assertEqual(1, len(self.alertmanager.asked), self.alertmanager.asked)
        self.restart()  # what is answered is done; nothing is asked again
        self.assertEqual(1, len(self.alertmanager.asked))
        self.processes.stop("remediator")
        (lost,) = self.recorded("intake_lost")
        self.assertIn(why, lost["why"])

    def stream(self, size, body=None):
        """Posts `size` bytes until all are taken or an answer comes; the answer."""
        head = (f"POST {PATH} HTTP/1.1\r\nHost: fieldmedic\r\nAuthorization: {self.remediator.headers['Authorization']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n")
        piece, sent, answer = b" " * 65536, 0, b""
        with socket.create_connection(("127.0.0.1", self.ports.remediator), timeout=60) as connection:
            connection.sendall(head.encode())
            deadline = time.monotonic() + 60
            while sent < size and time.monotonic() < deadline:
                readable, writable, _ = select.select([connection], [connection], [], 10)
                if readable:
                    break
                if writable:
                    rest = body[sent:sent + len(piece)] if body else piece[:size - sent]
                    sent += connection.send(rest)
            while more := connection.recv(65536):
                answer += more
        return answer.decode()


if __name__ == "__main__":
    unittest.main(verbosity=2)
