"""What .ci/run makes of a test that fails once, with every script that it calls stood in for."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOG = "build/asan/Testing/Temporary/LastTestsFailed.log"
TEST = """#!/bin/sh
mkdir -p build/asan/Testing/Temporary
printf '%s' '{failed}' >{log}
echo '{passed} passed, {count} failed, 0 skipped'
[ {count} = 0 ]
"""
RUN_TESTS = """#!/bin/sh
case $1 in tsan) echo x >build/tsan-tests.xml ;; *) echo "$@" >build/again; exit {code} ;; esac
"""


def gate(failed, again=0):
    """The exit code, the lines, and what was run again of a run in which the tests `failed` fail."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        scripts = {
            "test": TEST.format(log=LOG, passed=9, count=len(failed),
                                failed="".join(f"{i}:{name}\\n" for i, name in enumerate(failed))),
            "run_tests": RUN_TESTS.format(code=again),
            **{name: "#!/bin/sh\n" for name in ("format", "build", "tidy")},
        }
        for name, text in scripts.items():
            path = root / "scripts" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace("\\n", "\n") if name == "test" else text)
            path.chmod(0o755)
        (root / ".ci").mkdir()
        shutil.copy(ROOT / ".ci/run", root / ".ci/run")
        ran = subprocess.run([root / ".ci/run"], capture_output=True, text=True, timeout=600, check=False)
        asked = root / "build/again"
        return ran.returncode, ran.stdout.splitlines(), asked.read_text() if asked.exists() else None


class Gate(unittest.TestCase):
    def test_all_passed(self):
        code, lines, again = gate([])
        self.assertEqual((0, "9 passed, 0 failed, 0 skipped", None), (code, lines[-1], again))

    def test_a_real_part_may_have_a_bad_moment_and_is_named(self):
        code, lines, again = gate(["lab_ssh:a b: c", "e2e: d"])
        self.assertEqual((0, "11 passed, 0 failed, 0 skipped"), (code, lines[-1]))
        self.assertEqual(["UNSTEADY   lab_ssh:a b: c (failed, then passed alone)",
                          "UNSTEADY   e2e: d (failed, then passed alone)"], lines[-3:-1])
        self.assertEqual("asan --rerun-failed -j 1\n", again)

    def test_what_fails_again_has_failed(self):
        code, lines, _ = gate(["lab_ssh:a"], again=1)
        self.assertEqual((1, "9 passed, 1 failed, 0 skipped"), (code, lines[-1]))

    def test_our_own_code_is_never_asked_twice_nor_are_many(self):
        for failed in (["unit_remediator:a"], ["lab_ssh:a", "integration_common:b"], ["simulation: a"],
                       ["e2e: the remediator dies at every place around Exec"],
                       ["lab_ssh:a", "lab_ssh:b", "lab_ssh:c"]):
            with self.subTest(failed):
                code, lines, again = gate(failed)
                self.assertEqual((1, f"9 passed, {len(failed)} failed, 0 skipped", None),
                                 (code, lines[-1], again))


if __name__ == "__main__":
    unittest.main()
