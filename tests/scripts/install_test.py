"""`cmake --install` under another root: the programs run, and the units name what is there."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["FIELDMEDIC_BIN"]).parent
PROGRAMS = ("fieldmedic", "fieldmedic-exporter", "fieldmedic-remediator")
UNITS = ("fieldmedic-exporter.service", "fieldmedic-remediator.service")


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        missing = [name for name in PROGRAMS if not (BUILD / "bin" / name).exists()]
        if missing:
            print(f"SKIP: not built: {', '.join(missing)}")
            raise unittest.SkipTest("not built")

    def install(self, prefix):
        root = pathlib.Path(tempfile.mkdtemp(prefix="fieldmedic-install-"))
        self.addCleanup(shutil.rmtree, root)
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], env=os.environ | {"DESTDIR": str(root)},
                              capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return root

    def test_the_units_start_what_is_installed(self):
        for prefix in ("/usr", "/opt/fieldmedic"):
            with self.subTest(prefix):
                root = self.install(prefix)
                for unit in UNITS:
                    text = (root / f"{prefix[1:]}/lib/systemd/system/{unit}").read_text(encoding="utf-8")
                    (program,) = re.findall(r"^ExecStart=(\S+)", text, re.M)
                    self.assertEqual(f"{prefix}/bin/{unit.removesuffix('.service')}", program)
                    self.assertTrue(os.access(root / program[1:], os.X_OK))
                    (page,) = re.findall(r"^Documentation=file:(\S+)", text, re.M)
                    self.assertTrue((root / page[1:]).is_file(), page)

    def test_the_programs_run_and_know_the_shipped_configurations(self):
        root = self.install("/usr")
        for name in PROGRAMS:
            said = subprocess.run([root / "usr/bin" / name, "--version"], capture_output=True, text=True, check=False)
            self.assertEqual(0, said.returncode, said.stderr)
        share = root / "usr/share/fieldmedic"
        checked = subprocess.run([root / "usr/bin/fieldmedic", "check", "exporter", share / "deploy/exporter.yml"],
                                 capture_output=True, text=True, check=False)
        self.assertEqual(0, checked.returncode, checked.stderr)
        for file in ("deploy/remediator.yml", "deploy/schema/remediator.schema.json", "deploy/prometheus.yml",
                     "alertmanager/alertmanager.yml", "dashboards/overview.json"):
            self.assertTrue((share / file).is_file(), file)
        self.assertTrue(list((share / "deploy").glob("../rules/*.rules.yml")), "prometheus.yml names no rules")
        self.assertFalse((share / "rules/tests").exists())
        self.assertTrue((root / "usr/share/doc/fieldmedic/docs/operations.md").is_file())

    def test_systemd_takes_the_units(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        root = self.install("/usr")
        for needed in ("sh", "kill"):  # of the units' ExecReload
            (root / "bin").mkdir(exist_ok=True)
            shutil.copy(shutil.which(needed), root / "bin" / needed)
        verified = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={root}", *UNITS],
                                  capture_output=True, text=True, check=False)
        said = [line for line in verified.stderr.splitlines() if "fieldmedic" in line]
        self.assertEqual(([], 0), (said, verified.returncode), verified.stderr)


if __name__ == "__main__":
    unittest.main()
