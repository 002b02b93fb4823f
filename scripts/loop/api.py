"""Asks the loop's servers: JSON over HTTP with basic authentication."""
import base64
import json
import urllib.error
import urllib.parse
import urllib.request

from .processes import PATIENCE

TIMEOUT = 5 * PATIENCE  # seconds


class NoAnswer(Exception):
    """The server is away or refused; the message says which and why."""


class Client:
    def __init__(self, port, user, password):
        self.base = f"http://127.0.0.1:{port}"
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}"}
        # No proxy of the environment: everything here is on loopback.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path, **query):
        """The body as text."""
        url = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, headers=self.headers)
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refusal:
            raise NoAnswer(f"{url}: HTTP {refusal.code}: {refusal.read(200).decode(errors='replace')}") from None
        except (OSError, ValueError) as failure:
            raise NoAnswer(f"{url}: {failure}") from None

    def json(self, path, **query):
        try:
            return json.loads(self.get(path, **query))
        except ValueError as failure:
            raise NoAnswer(f"{self.base}{path}: not JSON: {failure}") from None

    def answers(self, path):
        """Whether it answers 200; for waiting."""
        try:
            self.get(path)
        except NoAnswer:
            return False
        return True


class Prometheus(Client):
    def query(self, expression):
        """[(labels, value)] of an instant query."""
        return [(series["metric"], float(series["value"][1])) for series in self._result(expression)]

    def samples(self, expression):
        """[(labels, [(seconds since the epoch, value)])] of a range selector, as scraped."""
        return [(series["metric"], [(float(at), float(value)) for at, value in series["values"]])
                for series in self._result(expression)]

    def alerts(self):
        """The labels of each alert that is pending or firing now."""
        return [alert["labels"] for alert in self.json("/api/v1/alerts")["data"]["alerts"]]

    def _result(self, expression):
        return self.json("/api/v1/query", query=expression)["data"]["result"]


class Remediator(Client):
    def incidents(self):
        return self.json("/api/v1/incidents")["incidents"]

    def incident(self, number):
        return self.json(f"/api/v1/incidents/{number}")
