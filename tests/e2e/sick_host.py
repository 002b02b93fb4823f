"""A host over SSH, a real systemd with a boot id of its own in a container, on which the collector is well until
something breaks it, and again only when it is started anew, by a boot or otherwise."""
import contextlib
import urllib.request

from loop.processes import wait_for

from rebooting_host import RebootingHost
from two_links import FAR, TwoLinks

HEALTH = f"http://{FAR}:8080/health"
UNIT = """\
[Unit]
StartLimitIntervalSec=0
[Service]
RuntimeDirectory=orders
ExecStartPre=/bin/sh -c 'echo start >> {starts}; echo well > /run/orders/health'
ExecStart=/usr/bin/python3 -m http.server 8080 -d /run/orders
"""


class SickHost:
    """Before LoneRemediator. `starts`, of the collector, and `drains` get a line from each."""

    def setUp(self):
        links = TwoLinks.or_skip()
        self.addCleanup(links.leave)
        super().setUp()
        shared = self.layout.state / "shared"
        self.starts, self.drains = shared / "starts", shared / "drains"
        self.host = RebootingHost.or_skip(shared, links.far_network(),
                                          {"orders.service": UNIT.format(starts=self.starts)})
        self.addCleanup(self.host.stop)
        self.addCleanup(self.processes.stop_all)
        wait_for(self.is_well, 60, "the host does not come up")

    def is_well(self):
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(HEALTH, timeout=1).status == 200
        return False

    def make_sick(self):
        wait_for(self.is_well, 60, "the host does not come up")
        self.host.path("/run/orders/health").unlink()
        self.starts.write_text("")
        self.drains.write_text("")

    def drain(self, then="true"):
        return ["/bin/sh", "-c", f'echo "$FIELDMEDIC_ATTEMPT" >> {self.drains}; {then}']

    def count(self):
        """(starts, drains) since it was made sick."""
        return tuple(len(path.read_text().splitlines()) for path in (self.starts, self.drains))

    def configuration(self):
        configuration = super().configuration()
        configuration["groups"][0]["hosts"][0]["reach"] = self.host.access(FAR)
        configuration["playbooks"][0]["verify"]["checks"] = [{"http": {"urls": [HEALTH]}}]
        return configuration
