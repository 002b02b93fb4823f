"""R1: a collector that lives in a session of screen or tmux, where people look at it, is started in one again."""
import os
import subprocess
import unittest
from pathlib import Path

from loop.drill import events
from loop.processes import wait_for

from lone_remediator import LoneRemediator
from webhooks import alert

SCREEN, TMUX = "/usr/bin/screen", "/usr/bin/tmux"


class Session(LoneRemediator):
    def setUp(self):
        super().setUp()
        for program in (SCREEN, TMUX):
            if not Path(program).exists():
                print(f"SKIP: {program} is not installed", flush=True)
                self.skipTest(f"{program} is not installed")
        self.name = f"orders-{os.getpid()}"  # of the session: others of this machine are not touched

    def heal_twice(self, start):
        """Each time what was ended is started once, in the session and with the attempt."""
        configuration = self.configuration()
        configuration["groups"][0]["collectors"][0]["start"] = [*start, str(self.orders.program), "86400"]
        self.start(configuration)
        for heals in (1, 2):
            self.accept(alert())
            incident = self.last_over(heals)
            self.assertEqual("recovered", incident["state"], incident["reason"])
            (living,) = self.orders.processes()
            self.assertEqual(events(incident, "apply_intended")[-1]["attempt"], living.variable("FIELDMEDIC_ATTEMPT"))
            self.assertIn(Path(start[0]).name, parent(living.pid))
            self.orders.kill()

    def last_over(self, count):
        def over():
            found = [i for i in self.incidents() if i["state"] not in ("recovered", "handed_over", "cancelled")]
            newest = max(self.incidents(), key=lambda i: i["id"], default=None)
            return not found and len(self.incidents()) == count and self.remediator.incident(newest["id"])

        return wait_for(over, 60, lambda: f"no incident {count} is over: {self.incidents()}")

    def test_in_a_session_of_tmux(self):
        self.addCleanup(subprocess.run, [TMUX, "-L", self.name, "kill-server"], capture_output=True, check=False)
        self.heal_twice([TMUX, "-L", self.name, "new-session", "-d", "-s", self.name, "--"])

    def test_in_a_session_of_screen(self):
        self.addCleanup(subprocess.run, [SCREEN, "-S", self.name, "-X", "quit"], capture_output=True, check=False)
        self.heal_twice([SCREEN, "-d", "-m", "-S", self.name])


def parent(pid):
    """The name of what the process was started by, in lower case."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return Path(f"/proc/{int(stat.rpartition(')')[2].split()[1])}/comm").read_text().lower()


if __name__ == "__main__":
    unittest.main(verbosity=2)
