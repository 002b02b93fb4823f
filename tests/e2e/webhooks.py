"""Alertmanager's webhooks (version 4), made up, and how they are posted."""
import http.client
import json
import urllib.parse
from datetime import datetime, timezone

PATH = "/api/v1/alertmanager"
DOWN = {"alertname": "CollectorDown", "collector": "orders", "host": "lab", "severity": "critical"}
_numbers = iter(range(1, 1 << 48))


def now():
    return datetime.now(timezone.utc).isoformat()


def alert(labels=None, **fields):
    """A firing alert, an occurrence of its own each time."""
    return {"status": "firing", "labels": DOWN if labels is None else labels, "annotations": {},
            "startsAt": now(), "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "",
            "fingerprint": f"{next(_numbers):016x}"} | fields


def webhook(*alerts, **fields):
    return {"version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": "firing", "receiver": "fieldmedic",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "",
            "alerts": list(alerts)} | fields


def post(client, body, path=PATH, headers=None):
    """(status, text) of a POST as a user of `client` (loop.api.Client); `body` is bytes, or made JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(client.base).netloc, timeout=30)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"} | (
            client.headers if headers is None else headers))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
