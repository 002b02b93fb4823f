"""scripts/build with a made-up cmake and ccache: one at a time, and no ccache where it would fail."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

BUILD = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "build"

FAKES = {
    "ccache": 'echo "$LAB/cache"',
    # Keeps ccache's variables; waits for the file `go`, so that a test can look at it while it runs; ends with its lab.
    "cmake": '''
env | grep ^CCACHE_ >>"$LAB/seen"
mkdir "$LAB/building" || { echo "two at once" >>"$LAB/seen"; exit 1; }
until [[ -e $LAB/go || ! -e $LAB/pipe ]]; do read -rt 0.05 <>"$LAB/pipe"; done
rmdir "$LAB/building"''',
}


class Build(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lab = pathlib.Path(folder.name)
        (self.lab / "bin").mkdir()
        for name, text in FAKES.items():
            (self.lab / "bin" / name).write_text(f"#!/bin/bash\n{text}\n")
            (self.lab / "bin" / name).chmod(0o755)
        os.mkfifo(self.lab / "pipe")
        (self.lab / "go").touch()

    def build(self, checkout="checkout", argument="release"):
        scripts = self.lab / checkout / "scripts"
        scripts.mkdir(parents=True, exist_ok=True)
        shutil.copy(BUILD, scripts)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CCACHE_")}
        environment |= {"LAB": str(self.lab), "PATH": f"{self.lab}/bin:/usr/bin:/bin"}
        return subprocess.Popen([scripts / "build", argument], env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(self, process):
        said, _ = process.communicate(timeout=30)
        self.assertEqual(0, process.returncode, said)
        return said

    def seen(self):
        return (self.lab / "seen").read_text()

    def wait_until(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_a_second_build_waits_for_the_first(self):
        (self.lab / "go").unlink()
        first = self.build()
        self.wait_until((self.lab / "building").exists)
        second = self.build()
        self.assertIn("waiting for it", second.stdout.readline())
        (self.lab / "go").touch()
        self.finish(first)
        self.finish(second)
        self.assertNotIn("two at once", self.seen())

    def test_an_object_serves_every_checkout(self):
        self.finish(self.build())
        self.assertIn(f"CCACHE_BASEDIR={self.lab}/checkout\n", self.seen())
        self.assertNotIn("CCACHE_DISABLE", self.seen())

    def test_without_a_folder_to_write_it_builds_without_ccache(self):
        (self.lab / "cache").touch()
        self.finish(self.build())
        self.assertIn("CCACHE_DISABLE=1", self.seen())

    def test_a_dollar_in_the_path_is_no_variable_of_ccache(self):
        self.finish(self.build("a $b"))
        self.assertIn("CCACHE_DISABLE=1", self.seen())
        self.assertNotIn("CCACHE_BASEDIR", self.seen())

    def test_help_builds_nothing(self):
        self.assertIn("scripts/build PRESET", self.finish(self.build(argument="--help")))
        self.assertFalse((self.lab / "seen").exists())


if __name__ == "__main__":
    unittest.main()
