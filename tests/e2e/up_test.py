"""scripts/up as a person meets it: a busy port is told at once, and Ctrl-C leaves nothing behind."""
import fcntl
import os
import signal
import socket
import subprocess
import termios
import unittest

from loop.layout import REPOSITORY
from loop.ports import Ports, variable
from loop.processes import adopt_orphans, of_state, reap, tail, wait_for

from story import Story, programs


class Up(Story):
    def setUp(self):
        adopt_orphans()  # what it would leave behind comes to us
        self.state = (self.folder / self.id().rpartition(".")[2]).resolve()
        (self.state / "log").mkdir(parents=True)
        self.output = self.state / "log" / "up.log"
        self.ports = Ports.free()

    def up(self, *arguments):
        """In a process group of its own, as a terminal starts it."""
        with open(self.output, "wb") as output:
            return self.up_to(output, *arguments, process_group=0)

    def up_to(self, output, *arguments, **how):
        environment = os.environ | {"FIELDMEDIC_SETUP": "skip", "FIELDMEDIC_STATE": str(self.state)} | {
            variable(name): str(port) for name, port in vars(self.ports).items()}
        process = subprocess.Popen([REPOSITORY / "scripts" / "up", *arguments], stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=output, env=environment, **how)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
            process.wait()
        for _, identity in self.living():
            identity.end()

    def living(self):
        found = of_state(self.state, set(vars(programs()).values()))
        for _, identity in found:
            reap(identity.pid)
        return [(path, identity) for path, identity in found if identity.alive()]

    def said(self):
        return self.output.read_text(encoding="utf-8")

    def test_a_busy_port_is_named_with_its_holder_and_nothing_is_started(self):
        with socket.create_server(("127.0.0.1", self.ports.alertmanager)):
            status = self.up("--drill").wait(240)
        self.assertEqual(1, status, self.said())
        self.assertIn(f"port {self.ports.alertmanager} for alertmanager is taken by", self.said())
        self.assertIn(f"(pid {os.getpid()})", self.said())
        self.assertIn(variable("alertmanager"), self.said())
        self.assertNotIn("Traceback", self.said())
        self.assertEqual([], self.living())

    def test_ctrl_c_leaves_nothing_behind(self):
        process = self.up()
        wait_for(lambda: process.poll() is not None or "kill -9" in self.said(), 120,
                 lambda: f"it does not become green:\n{tail(self.output)}")
        self.assertIsNone(process.poll(), self.said())
        self.assertEqual(6, len(self.living()), "two daemons, two servers, two collectors")
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(0, process.wait(240), self.said())
        self.assertEqual([], self.living())
        self.assertNotIn("Traceback", self.said())
        for port in vars(self.ports).values():
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=5)

    def test_ctrl_c_while_it_starts_leaves_nothing_behind(self):
        process = self.up()
        wait_for(lambda: self.living(), 60, lambda: f"it starts nothing:\n{tail(self.output)}")
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(0, process.wait(240), self.said())
        self.assertEqual([], self.living())

    def test_ctrl_c_that_ends_its_reader_too_leaves_nothing_behind(self):
        reader, writer = os.pipe()  # scripts/up | tee: what it prints fits into the pipe
        process = self.up_to(writer, process_group=0)
        os.close(writer)
        wait_for(self.living, 60, "it starts nothing")
        os.close(reader)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(0, process.wait(240))
        self.assertEqual([], self.living())

    def test_a_terminal_that_is_closed_leaves_nothing_behind(self):
        master, terminal = os.openpty()
        process = self.up_to(terminal, start_new_session=True,
                             preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0))
        os.close(terminal)
        wait_for(self.living, 60, "it starts nothing")
        os.close(master)  # SIGHUP, and no more words
        self.assertEqual(0, process.wait(240))
        self.assertEqual([], self.living())


if __name__ == "__main__":
    unittest.main(verbosity=2)
