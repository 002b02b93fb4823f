"""M3: a link loses packets; its traffic goes by the other link, where nothing is sent again, until the first is
well; then it goes back, and every record arrived once."""
import unittest

from loop.config import replace
from loop.drill import events
from loop.pipeline import ARCHIVE, ORDERS
from loop.processes import wait_for

from shipped import SHORT_HOLD, playbook, promql
from story import applied, metric
from temporary_change import DETECTION, RemedyLoop, TemporaryChange
from two_links import FAR, LinkProbe, TwoLinks, run

SENT, SENT_AGAIN = "link_tcp_sent_segments_total", "link_tcp_retransmitted_segments_total"
SHARE = f"rate({SENT_AGAIN}[15s]) / rate({SENT}[15s])"


class TwoHostLoop(RemedyLoop):
    """The archive runs on the far host; orders go there by the link that carries the default route."""

    links = None

    def configure(self):
        self.pipeline.orders.template = replace(ORDERS, 'target="127.0.0.1"', f'target="{FAR}"')
        self.pipeline.archive.template = replace(ARCHIVE, 'address="127.0.0.1"', f'address="{FAR}"')
        self.pipeline.archive.inside = self.links.over_there()
        self.pipeline.generator.lines_per_second = 200  # so that what the loop says to itself weighs little
        self.playbook = playbook("lossy-link", {"tiers": {0: {
            "action": {"link_switch": {"interface": "unicom", "probe": f"{FAR}:{self.ports.archive}", "keeps": []}},
            "lease": {"until": SHORT_HOLD | {"checks": promql(f'{SHARE} and on (link) link_up{{link="telecom"}}',
                                                             "< 0.005")}}}}})
        super().configure()
        # Its port cannot be asked about from here.
        port = f'    ports: ["127.0.0.1:{self.ports.archive}"]\n'
        self.replace_in("exporter.yml", port, "")
        self.replace_in("remediator.yml", "    " + port, "")
        exporter = self.layout.conf / "exporter.yml"
        exporter.write_text("links: [{name: telecom, interface: telecom}, {name: unicom, interface: unicom}]\n"
                            + exporter.read_text())

    def link(self, name):
        """(segments sent, sent again) on it so far, by the exporter."""
        page = self.exporter.get("/metrics")
        return tuple(metric(page, counter, link=name) for counter in (SENT, SENT_AGAIN))


class LossyLinkIsLeftForATime(TemporaryChange):
    @classmethod
    def make_loop(cls, *arguments):
        loop = TwoHostLoop(*arguments)
        loop.links = cls.links
        return loop

    @classmethod
    def setUpClass(cls):
        cls.links = TwoLinks.or_skip()
        cls.addClassCleanup(cls.links.leave)
        super().setUpClass()
        cls.addClassCleanup(LinkProbe(cls.links, "telecom").stop)
        cls.routes_before = default_routes()
        cls.links.lose_packets()
        cls.incident = cls.only_incident(DETECTION + 120)
        cls.lent = cls.leases()
        cls.routes_meanwhile = default_routes()
        cls.meanwhile = cls.traffic("unicom")
        cls.links.heal()
        cls.incident = cls.wait_until_undone(120)
        cls.routes_after = default_routes()
        cls.afterwards = cls.traffic("telecom")
        cls.written = cls.stop_and_drain(lambda: [cls.loop.pipeline.records])

    @classmethod
    def traffic(cls, link):
        """(segments sent, sent again) on it, while a thousand of the orders' size go out."""
        sent, again = cls.loop.link(link)
        wait_for(lambda: cls.loop.link(link)[0] > sent + 1000, 60, f"link {link} does not carry the traffic")
        now = cls.loop.link(link)
        return now[0] - sent, now[1] - again

    def test_the_retransmits_started_it_and_their_end_was_proved(self):
        self.assertEqual("recovered", self.incident["state"])
        self.assertEqual("host/lab", self.incident["target"])
        self.assertEqual({"HostTcpRetransmitHigh"}, {alert["name"] for alert in self.incident["alerts"]})
        verdicts = [[answer["verdict"] for answer in event["answers"]]
                    for event in events(self.incident, "checks_answered")]
        self.assertEqual(["fail"], verdicts[0])
        self.assertEqual(["pass"], verdicts[-1])

    def test_it_was_switched_once_and_for_a_time(self):
        self.assertEqual(["done"], [e["outcome"] for e in events(self.incident, "apply_finished")])
        self.assertEqual(1, applied(self.incident))
        self.assertEqual(["link_switch"], [lease["action"] for lease in self.lent])
        self.assertIn("dev unicom", self.routes_meanwhile[0])

    def test_nothing_to_speak_of_is_sent_again_on_the_other_link(self):
        sent, again = self.meanwhile
        self.assertLess(again, sent * 0.01)

    def test_it_was_switched_back_once_to_exactly_what_was_there(self):
        self.assert_undone_once(self.incident)
        self.assertEqual(self.routes_before, self.routes_after)
        sent, again = self.afterwards
        self.assertLess(again, sent * 0.01)

    def test_every_record_arrived_once(self):
        self.assert_each_order_once([self.loop.pipeline.records], self.written)


def default_routes():
    """The one that carries the traffic first."""
    lines = run("ip", "-4", "route", "show", "default").splitlines()
    return sorted((line.strip() for line in lines), key=metric_of)


def metric_of(line):
    words = line.split()
    return int(words[words.index("metric") + 1]) if "metric" in words else 0


if __name__ == "__main__":
    unittest.main(verbosity=2)
