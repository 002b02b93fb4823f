"""M4: the disk under a collector's store becomes slow; what it collects goes to a spare store, until the disk is
well; then it goes back, and every record lies in its own store, once."""
import os
import unittest

from loop.config import replace
from loop.drill import events
from loop.pipeline import ARCHIVE
from loop.processes import wait_for

import small_disk
from shipped import SHORT_HOLD, playbook, promql
from slow_disk import SlowDisk
from story import applied
from temporary_change import DETECTION, RemedyLoop, TemporaryChange

# Moves what lies in the spare store, each record once also when it is killed and called again: a file gets its
# name in the store only when it is whole, and the same content gets the same name.
REPLAY = """#!/bin/sh
set -eu
for file in "$FIELDMEDIC_SPARE"/*; do
  [ -e "$file" ] || continue
  name=diverted-$(sha256sum "$file" | cut -c1-16).log
  cp "$file" "$FIELDMEDIC_STORE/.part" && sync "$FIELDMEDIC_STORE/.part"
  mv "$FIELDMEDIC_STORE/.part" "$FIELDMEDIC_STORE/$name"
  rm "$file"
done
"""

# What a write to the folder takes, by the exporter's own synced writes.
TOOK = ('rate(collector_storage_sync_duration_seconds_sum{{folder="{0}"}}[15s])'
        ' / rate(collector_storage_sync_duration_seconds_count{{folder="{0}"}}[15s])')


class DivertLoop(RemedyLoop):
    """The archive writes through a link, and syncs what it writes."""

    def __init__(self, layout, *arguments):
        super().__init__(layout, *arguments)
        self.spool, self.spare, self.disk = layout.archive / "spool", layout.state / "spare", None

    def configure(self):
        self.store = self.disk.folder / "store"
        self.store.mkdir()
        self.spool.symlink_to(self.store)
        replay = self.layout.conf / "replay"
        replay.write_text(REPLAY)
        replay.chmod(0o700)
        self.pipeline.records = self.store / "records.log"
        self.pipeline.archive.template = replace(
            ARCHIVE, 'file="{folder}/records.log"', f'file="{self.spool}/records.log" sync="on"')
        self.playbook = playbook("slow-disk", {
            "match": ['alertname="HostDiskLatencyHigh"', f'device="{self.disk.device}"'],
            "target": {"collector": "archive"},
            "tiers": {0: {
                "action": {"data_divert": {"link": str(self.spool), "from": str(self.store), "to": str(self.spare),
                                           "replay": [str(replay)]}},
                "lease": {"until": SHORT_HOLD | {"checks": promql(TOOK.format(self.store), "< 0.02")}}}},
            "verify": {"checks": [{"process": {}}, *promql(TOOK.format(self.spool), "< 0.02")]}})
        super().configure()
        archive = self.layout.archive
        self.replace_in("exporter.yml", f"storage: {{paths: [{archive}], sync_probe: {{folder: {archive}}}}}",
                        f"storage: {{sync_probe: {{folder: {self.spool}, interval: 5s}}}}")
        # The store itself is written to as well: a disk that nobody writes to looks well.
        self.replace_in("exporter.yml", "collectors:\n",
                        f"host: {{diskstats: {{devices_include: '^{self.disk.device}$'}}}}\ncollectors:\n"
                        f"  - name: store\n    storage: {{sync_probe: {{folder: {self.store}, interval: 5s}}}}\n")

    def files(self):
        """Where records lie."""
        return [path for folder in (self.store, self.spare) for path in folder.glob("*.log")]


class SlowDiskIsLeftForATime(TemporaryChange):
    @classmethod
    def make_loop(cls, layout, *arguments):
        loop = DivertLoop(layout, *arguments)
        loop.disk = SlowDisk.or_skip(layout.state / "slow-disk")
        cls.addClassCleanup(loop.disk.remove)
        loop.spare.mkdir()
        small_disk.mount(loop.spare)
        cls.addClassCleanup(small_disk.unmount, loop.spare)
        return loop

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        loop = cls.loop
        loop.disk.brake()
        cls.incident = cls.only_incident(DETECTION + 120)
        cls.lent = cls.leases()
        cls.pointed_to = os.readlink(loop.spool)
        # It is recovered as soon as the disk has rest: its first record may be still to come.
        diverted = loop.spare / "records.log"
        cls.spare_grew = wait_for(lambda: diverted.exists() and diverted.stat().st_size, 30, "nothing is diverted")
        loop.disk.release()
        cls.incident = cls.wait_until_undone(120)
        cls.written = cls.stop_and_drain(loop.files)

    def test_the_latency_of_the_disk_started_it_and_its_recovery_was_proved(self):
        self.assertEqual("recovered", self.incident["state"])
        self.assertEqual({"HostDiskLatencyHigh"}, {alert["name"] for alert in self.incident["alerts"]})
        self.assertEqual(self.loop.disk.device, self.incident["labels"]["device"])
        verdicts = [[answer["verdict"] for answer in event["answers"]]
                    for event in events(self.incident, "checks_answered")]
        self.assertEqual(["pass", "fail"], verdicts[0])
        self.assertEqual(["pass", "pass"], verdicts[-1])

    def test_it_was_diverted_once_and_for_a_time(self):
        self.assertEqual({"done"}, {e["outcome"] for e in events(self.incident, "apply_finished")})
        self.assertEqual(2, applied(self.incident))  # the link, the signal
        self.assertEqual(["data_divert"], [lease["action"] for lease in self.lent])
        self.assertEqual(str(self.loop.spare), self.pointed_to)

    def test_it_was_diverted_back_once(self):
        self.assert_undone_once(self.incident)
        self.assertEqual(str(self.loop.store), os.readlink(self.loop.spool))
        self.assertEqual([], list(self.loop.spare.iterdir()))

    def test_every_record_is_in_its_own_store_once(self):
        files = list(self.loop.store.glob("*.log"))
        self.assertEqual(["diverted", "records"], sorted(path.stem.partition("-")[0] for path in files))
        self.assert_each_order_once(files, self.written)

    def test_the_collector_was_not_restarted(self):
        log = self.loop.pipeline.archive.log.read_text(errors="replace")
        self.assertEqual(1, log.count("] start"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
