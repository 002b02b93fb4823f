"""Prints what a person wants of a CTest JUnit file: failures whole, skips with their reason, a count.

Exit 1 when a test failed or none ran.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

OUTPUT_LIMIT = 20_000  # characters shown of one failing test


def outcome(case):
    if case.find("failure") is not None or case.get("status") == "fail":
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        # A test whose program could not be started is "notrun" as well; only our own line excuses.
        return "skipped" if skip_reason(case) else "failed"
    return "passed"


def output(case):
    return (case.findtext("system-out") or "").strip()


def skip_reason(case):
    found = re.search(r"^SKIP: (.+)$", output(case), re.MULTILINE)
    return found.group(1).strip() if found else None


def main(path):
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    by_outcome = {"passed": [], "failed": [], "skipped": []}
    for case in cases:
        by_outcome[outcome(case)].append(case)
    for case in by_outcome["failed"]:
        failure = case.find("failure")
        message = failure.get("message", "") if failure is not None else case.get("status", "")
        print(f"\n--- failed: {case.get('name')} ({case.get('time')} s) {message}")
        print(output(case)[-OUTPUT_LIMIT:] or "(it printed nothing)")
    if by_outcome["skipped"]:
        print()
    for case in by_outcome["skipped"]:
        print(f"skipped: {case.get('name')}: {skip_reason(case)}")
    counts = {name: len(found) for name, found in by_outcome.items()}
    if counts["passed"] + counts["failed"] == 0:
        print("no test ran")
    print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 0 if counts["passed"] and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
