"""One server of ZooKeeper, as far as the remediator asks it, which can keep an answer back or break the protocol."""
import socket
import struct
from enum import Enum
from threading import Event, Thread

CREATE, DELETE, GET_DATA, SET_DATA, GET_ACL, CHECK, MULTI, CLOSE = 1, 2, 4, 5, 6, 13, 14, -11
NO_NODE, NOT_IMPLEMENTED = -101, -6
SESSION_MS = 6_000


class Manner(Enum):
    """How requests are answered."""
    WELL = "as it should be"
    HOLDING = "a transaction that changes something is done and not answered"
    BROKEN = "by the news of a node without a path, from which the C client reads from nowhere"


class Request:
    def __init__(self, frame):
        self._rest = frame
        self.xid, self.kind = self.number(), self.number()

    def take(self, form):
        (value,) = struct.unpack_from(form, self._rest)
        self._rest = self._rest[struct.calcsize(form):]
        return value

    def number(self):
        return self.take(">i")

    def text(self):
        size = max(self.number(), 0)
        value, self._rest = self._rest[:size], self._rest[size:]
        return value

    def skip_grants(self):
        for _ in range(self.number()):
            self.number(), self.text(), self.text()

    def parts(self):
        """Of a transaction: (kind, path, data)."""
        while True:
            kind, done, _ = self.number(), self.take("?"), self.number()
            if done:
                return
            path = self.text()
            data = self.text() if kind in (CREATE, SET_DATA) else b""
            if kind == CREATE:
                self.skip_grants()
            self.number()  # flags, or the version that it wants: there is nobody beside us
            yield kind, path, data


def framed(body):
    return struct.pack(">i", len(body)) + body


def text(value):
    return struct.pack(">i", len(value)) + value


class Zookeeper:
    """`changes`: how many transactions changed something. `held` is set once one of them is not answered."""

    def __init__(self, nodes):
        self.manner, self.changes, self.held = Manner.WELL, 0, Event()
        self._nodes = {path.encode(): [value.encode(), 1, 0] for path, value in nodes.items()}  # data, change, version
        self._change = 1
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def data(self, path):
        node = self._nodes.get(path.encode())
        return node and node[0].decode()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # stop()
            Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, client.makefile("rb") as frames:
            try:
                self._frame(frames)  # what session it wants
                client.sendall(framed(struct.pack(">iiq", 0, SESSION_MS, 1) + text(b"p" * 16) + b"\0"))
                while frame := self._frame(frames):
                    answer = self._answer(Request(frame))
                    if answer:
                        client.sendall(answer)
            except OSError:
                pass  # it was killed

    @staticmethod
    def _frame(frames):
        head = frames.read(4)
        return frames.read(struct.unpack(">i", head)[0]) if len(head) == 4 else b""

    def _answer(self, request):
        if self.manner is Manner.BROKEN:
            return framed(struct.pack(">iqi", -1, 5, 0) + struct.pack(">iii", 1, 3, -1))
        before = self.changes
        error, body = self._do(request)
        if self.changes != before and self.manner is Manner.HOLDING:
            self.held.set()
            return b""
        return framed(struct.pack(">iqi", request.xid, self._change, error) + body)

    def _do(self, request):
        if request.kind == MULTI:
            return 0, self._transact(list(request.parts()))
        if request.kind in (GET_DATA, GET_ACL):
            path = request.text()
            node = self._nodes.get(path)
            if node is None:
                return NO_NODE, b""
            grants = struct.pack(">ii", 1, 31) + text(b"world") + text(b"anyone")
            return 0, (text(node[0]) if request.kind == GET_DATA else grants) + self._stat(node)
        return (0 if request.kind in (CLOSE, 11) else NOT_IMPLEMENTED), b""

    @staticmethod
    def _stat(node):
        data, change, version = node
        return struct.pack(">qqqqiiiqiiq", 1, change, 0, 0, version, 0, 0, 0, len(data), 0, 1)

    def _transact(self, parts):
        if any(kind != CHECK for kind, _, _ in parts):
            self.changes += 1
            self._change += 1
        results = b""
        for kind, path, data in parts:
            results += struct.pack(">i?i", kind, False, 0)
            if kind == CREATE:
                self._nodes[path] = [data, self._change, 0]
                results += text(path)
            elif kind == SET_DATA:
                self._nodes[path] = [data, self._change, self._nodes[path][2] + 1]
                results += self._stat(self._nodes[path])
            elif kind == DELETE:
                del self._nodes[path]
        return results + struct.pack(">i?i", -1, True, -1)
