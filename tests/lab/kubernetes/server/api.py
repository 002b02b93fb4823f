"""A Kubernetes API asked as JSON, with a client certificate. For one thread."""
import http.client
import json
import ssl


class Refused(Exception):
    """The server answered with another status than 2xx."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


class Api:
    """Of a server on this machine. OSError and http.client.HTTPException: it cannot be reached; the next call tries anew."""

    def __init__(self, port, authority, certificate, key):
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(certificate, key)
        self._connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)

    def ask(self, method, path, body=None, content_type="application/json"):
        text = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, text, {"Content-Type": content_type, "Accept": "application/json"})
            answer = self._connection.getresponse()
            status, said = answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        if not 200 <= status < 300:
            raise Refused(status, said)
        return json.loads(said) if said.startswith("{") else said

    def merge(self, path, patch):
        return self.ask("PATCH", path, patch, "application/strategic-merge-patch+json")
