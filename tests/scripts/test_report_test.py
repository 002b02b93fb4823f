"""What scripts/test counts, from a JUnit file as CTest 3.25 writes it."""
import contextlib
import io
import tempfile
import unittest

import test_report

CASE = '<testcase name="{name}" time="0.1" status="{status}">{inner}<system-out>{out}</system-out></testcase>'
FAILED = '<failure message=""/>'
SKIPPED = '<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>'


def report(*cases):
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write("<testsuite>" + "".join(cases) + "</testsuite>")
        file.flush()
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = test_report.main(file.name)
    return code, output.getvalue()


class Report(unittest.TestCase):
    passed = CASE.format(name="a", status="run", inner="", out="")
    failed = CASE.format(name="b", status="fail", inner=FAILED, out="boom")
    skipped = CASE.format(name="c", status="notrun", inner=SKIPPED, out="x\nSKIP: not root\ny")
    absent = CASE.format(name="d", status="notrun", inner=SKIPPED, out="Unable to find executable")

    def test_the_last_line_counts(self):
        code, text = report(self.passed, self.passed, self.skipped)
        self.assertEqual((0, "2 passed, 0 failed, 1 skipped"), (code, text.splitlines()[-1]))
        self.assertIn("skipped: c: not root", text)

    def test_a_failure_is_shown_and_fails_the_run(self):
        code, text = report(self.passed, self.failed)
        self.assertEqual((1, "1 passed, 1 failed, 0 skipped"), (code, text.splitlines()[-1]))
        self.assertIn("boom", text)

    def test_a_test_that_could_not_be_started_has_failed(self):
        code, text = report(self.passed, self.absent)
        self.assertEqual((1, "1 passed, 1 failed, 0 skipped"), (code, text.splitlines()[-1]))

    def test_no_test_is_a_failure(self):
        self.assertEqual(1, report()[0])
        self.assertEqual(1, report(self.skipped)[0])


if __name__ == "__main__":
    unittest.main()
