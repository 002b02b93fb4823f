"""Stands in for the WeCom robot and the SMS gateway: takes what people would have been told, prints it
and keeps it in a file."""
import contextlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_LIMIT = 64 * 1024  # bytes
SHOWN = 100  # messages on the page


def answer(request, status, content_type, text):
    payload = text.encode()
    request.send_response(status)
    request.send_header("Content-Type", content_type)
    request.send_header("Content-Length", str(len(payload)))
    request.end_headers()
    with contextlib.suppress(ConnectionError):  # whoever asked was killed meanwhile
        request.wfile.write(payload)


class People:
    """A post to a path that starts with /wecom is answered as by the robot, /sms as by a gateway; a browser
    sees what was posted last."""

    def __init__(self, port, file, show=print):
        self.file = file
        self.show = show
        self.told = []  # (seconds since the epoch, channel, text), oldest first
        self._lock = threading.Lock()
        people = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer(self, 200, "text/plain; charset=utf-8", people.page())

            def do_POST(self):
                length = min(int(self.headers.get("Content-Length") or 0), BODY_LIMIT)
                body = self.rfile.read(length).decode(errors="replace")
                channel = self.path.split("?")[0].strip("/").split("/")[0]
                taken = {"wecom": {"errcode": 0, "errmsg": "ok"}, "sms": {"Code": "OK"}}.get(channel)
                if taken is not None:
                    people.take(channel, text_of(body))
                answer(self, 200 if taken else 404, "application/json", json.dumps(taken or {}))

            def log_message(self, *_):
                pass  # the file says more

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="people", daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def page(self):
        """What people were told last, the newest first."""
        with self._lock:
            told = list(reversed(self.told[-SHOWN:]))
        if not told:
            return "Nobody was told anything yet.\n"
        return "\n".join(f"{time.strftime('%H:%M:%S', time.localtime(at))} {channel}\n{text}\n"
                         for at, channel, text in told)

    def take(self, channel, text):
        now = time.time()
        with self._lock:
            self.told.append((now, channel, text))
            del self.told[:-1000]
            with open(self.file, "a", encoding="utf-8") as handle:
                handle.write(json.dumps({"at": now, "channel": channel, "text": text}, ensure_ascii=False) + "\n")
        self.show(channel, text)

    def since(self, at):
        """[(seconds since the epoch, channel, text)] told at or after `at`."""
        with self._lock:
            return [entry for entry in self.told if entry[0] >= at]


def text_of(body):
    """What a person would read, out of the robot's or the gateway's JSON."""
    try:
        content = json.loads(body)
    except ValueError:
        return body
    for path in (("markdown", "content"), ("text", "content"), ("text",)):
        value = content
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    return body


def one_line(text, most=110):
    """For a terminal: without WeCom's markup, cut."""
    plain = re.sub(r"<[^>]*>|[#*]+ ?", "", text)
    line = " · ".join(part.strip() for part in plain.splitlines() if part.strip())
    return line if len(line) <= most else line[:most - 1] + "…"
