"""What comes over HTTP: who may, what counts once, and what is refused without a trace of an effect."""
import json
import re
import unittest

from loop.api import Client, NoAnswer
from loop.drill import events

from lone_remediator import LoneRemediator
from story import applied
from webhooks import DOWN, alert, webhook


class Webhooks(LoneRemediator):
    def test_without_credentials_nothing_is_taken(self):
        self.start()
        stranger = Client(self.ports.remediator, "medic", "wrong")
        for headers in ({}, stranger.headers, {"Authorization": "Bearer x"}, {"Authorization": "Basic !!!"}):
            status, text = self.post(webhook(alert()), headers=headers)
            self.assertEqual((401, "credentials are required\n"), (status, text), headers)
        for path in ("/metrics", "/api/v1/incidents", "/api/v1/incidents/1"):
            with self.assertRaisesRegex(NoAnswer, "HTTP 401"):
                stranger.get(path)
        self.assertEqual(401, self.post(b"", path="/-/reload", headers={})[0])
        self.assertTrue(stranger.answers("/-/healthy") and stranger.answers("/-/ready"), "probes are open")
        self.assertEqual(0, self.metric("fieldmedic_alerts_received_total", status="firing"))
        self.assert_nothing_was_done()

    def test_its_page_leads_to_what_can_be_read(self):
        self.start()
        with self.assertRaisesRegex(NoAnswer, "HTTP 401"):
            Client(self.ports.remediator, "medic", "wrong").get("/")
        links = re.findall('href="([^"]+)"', self.remediator.get("/"))
        self.assertIn("api/v1/incidents?state=open", links)
        for link in links:
            self.assertTrue(self.remediator.answers("/" + link), link)

    def test_a_viewer_starts_no_remedies(self):
        self.start(self.configuration() | {"roles": {"operator": "operator"}})
        status, text = self.post(webhook(alert()))
        self.assertEqual(403, status, text)
        self.assertIn("takes the role sender; yours is viewer", json.loads(text)["error"])
        self.assertEqual(0, self.metric("fieldmedic_alerts_received_total", status="firing"))
        self.assert_nothing_was_done()

    def test_the_same_webhook_twice_acts_once(self):
        self.start()
        firing = alert()
        for _ in range(2):
            self.accept(firing)
        incident = self.only_incident()
        self.assertEqual(("recovered", 1), (incident["state"], applied(incident)))
        living = self.orders.processes()
        self.assertEqual(1, len(living))
        for _ in range(3):
            self.accept(firing, firing)
        self.restart()  # what it knows is in the journal
        self.accept(firing)
        self.assertEqual(1, self.metric("fieldmedic_alerts_ignored_total", reason="already_used"))
        self.assertEqual(1, applied(self.only_incident()))
        self.assertEqual(living, self.orders.processes())

    def test_what_is_no_webhook_is_refused_with_its_reason(self):
        self.start()
        good = json.dumps(webhook(alert()))
        deep = b'{"version":"4","alerts":' + b"[" * 100_000
        cases = [(b"", "."), (b"{", "."), (b"\xff\xfe", "."), (b"null", "an object"), (b"[]", "an object"),
                 (b"[" * 100_000, "."), (deep, "."), (good[:-1].encode(), "."), (good.encode() + b"x", "."),
                 (b'{"version":"4"}', "alerts"), (b'{"alerts":[]}', "version"),
                 (b'{"version":4,"alerts":[]}', "version.*'4'"), (b'{"version":"3","alerts":[]}', "version.*'4'"),
                 (b'{"version":"4","alerts":{}}', "alerts.*a list"), (b'{"version":"4","alerts":null}', "alerts.*a list"),
                 (b'{"version":"4","alerts":[],"alerts":[]}', "alerts.*twice"),
                 (b'{"version":"4","alerts":[],"truncatedAlerts":-1}', "truncatedAlerts"),
                 (b'{"version":"4","alerts":[],"receiver":7}', "receiver.*a string")]
        for body, reason in cases:
            status, text = self.post(body)
            self.assertEqual(400, status, (body[:60], text))
            self.assertRegex(json.loads(text)["error"], reason, body[:60])
            self.assertLess(len(text), 1000)
        self.assertEqual(len(cases), self.metric("fieldmedic_webhook_requests_total", code="400"))
        self.assertEqual(0, self.metric("fieldmedic_alerts_received_total", status="firing"))
        self.assert_nothing_was_done()
        self.accept(alert())
        self.assertEqual("recovered", self.only_incident()["state"])

    def test_hostile_alerts_are_set_aside_and_the_good_one_beside_them_acts(self):
        self.start()
        flag = self.layout.state / "hostile"
        values = ["../../etc", f"$(touch {flag})", f"`touch {flag}`", f"; touch {flag}", "a\nb", "\u0000", "{{ labels.host }}",
                  "%s%n", "ord\u202eers", "x" * 1_000_000]
        hostile = [alert(DOWN | {name: value}) for value in values for name in ("collector", "host")]
        odd = [alert(DOWN | {"collector": 7}), alert(startsAt="yesterday"), alert(fingerprint="../x"), alert(labels=[]),
               alert(status="FIRING"), 17, None, []]
        self.accept(*hostile[:7], *odd, alert(), *hostile[7:])
        incident = self.only_incident()
        self.assertEqual(("collector/orders@lab", "recovered"), (incident["target"], incident["state"]))
        ignored = sum(self.metric("fieldmedic_alerts_ignored_total", reason=reason) for reason in ("poison", "bad_target"))
        self.assertEqual(len(hostile) + len(odd), ignored)
        self.assertFalse(flag.exists())
        self.assertEqual(1, len(self.orders.processes()))
        self.assertNotIn("x" * 5000, self.log())
        self.assertLess(self.journal.stat().st_size, 1_000_000)

    def test_dry_run_plans_and_applies_nothing(self):
        self.start(self.configuration() | {"dry_run": True})
        self.accept(alert())
        incident = self.only_incident()
        self.assertEqual("handed_over", incident["state"])
        self.assertRegex(incident["reason"], f"^dry run, nothing was changed; would start {self.orders.program}$")
        self.assertEqual((1, 0), (len(events(incident, "plan_made")), applied(incident)))
        self.assertEqual([], self.orders.processes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
