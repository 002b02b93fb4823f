"""link_switch by the active slave of a bond, in a kernel of its own that has bonds (bond_stories.py)."""
import sys
import tempfile
import unittest
from pathlib import Path

from user_mode_linux import run_in_it

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build/release/bin"
DEADLINE = 540  # seconds; less than CTest's


class BondInAKernelOfItsOwn(unittest.TestCase):
    def test_the_stories_come_true(self):
        self.assertTrue((RELEASE / "fieldmedic-remediator").exists(), "scripts/build release comes before")
        with tempfile.TemporaryDirectory(prefix="fieldmedic-uml-") as folder:
            status, output = run_in_it(
                folder, [sys.executable, "-B", ROOT / "tests/e2e/bond_stories.py"],
                {"FIELDMEDIC_BIN": RELEASE, "PYTHONPATH": ROOT / "scripts", "FIELDMEDIC_PATIENCE": "4"}, DEADLINE)
        print(output, flush=True)
        self.assertEqual(0, status)


if __name__ == "__main__":
    unittest.main(verbosity=2)
