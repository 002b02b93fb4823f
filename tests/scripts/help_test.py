"""Every script says what it does, and scripts/up refuses a wrong command line, before anything else is done."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
NAMES = sorted(p.name for p in SCRIPTS.iterdir() if p.is_file() and not p.suffix)


class Help(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(SCRIPTS, self.root / "scripts")

    def run_script(self, name, *arguments):
        """As from a shell with a CDPATH, with which `cd` goes elsewhere and prints where it went."""
        return subprocess.run([f"scripts/{name}", *arguments], cwd=self.root, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, env=os.environ | {"COLUMNS": "100", "CDPATH": "."})

    def test_help_names_the_script_and_does_nothing(self):
        for name in NAMES:
            with self.subTest(name):
                answer = self.run_script(name, "--help")
                self.assertEqual((0, ""), (answer.returncode, answer.stderr))
                self.assertIn(name, answer.stdout)
                self.assertFalse((self.root / "build").exists())

    def test_a_wrong_command_line_of_up_is_refused_before_the_build(self):
        for name in ("setup", "build"):
            (self.root / "scripts" / name).write_text(f'#!/bin/sh\ntouch "{self.root}/begun"\nexit 9\n')
        for wrong in (["--drill", "0"], ["--drill", "-1"], ["--drill", "x"], ["--port-base", "80"], ["now"]):
            with self.subTest(wrong):
                answer = self.run_script("up", *wrong)
                self.assertEqual(2, answer.returncode, answer.stderr)
                self.assertIn("scripts/up: error:", answer.stderr)
                self.assertFalse((self.root / "begun").exists())
        self.assertEqual(9, self.run_script("up", "--drill").returncode)


if __name__ == "__main__":
    unittest.main()
