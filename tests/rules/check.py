#!/usr/bin/env python3
"""Checks what is not C++: rules/, alertmanager/, deploy/prometheus.yml, dashboards/, docs/metrics.md.

    check.py --list          the names of the checks, one a line
    check.py NAME            runs one: prints `ok: NAME`, or each fault and `FAILED: NAME`, or `SKIP: reason`
    check.py series FILE...  the same, with live scrapes: exposition text, or JSON with metric names
                             (an array, or Prometheus' answer to /api/v1/label/__name__/values)

Exit 0 when it holds or is skipped, 1 when it fails, 2 when it was called wrongly.
"""
import sys

import alertmanager_checks
import dashboard_checks
import live_checks
import page_checks
import rule_checks
from tools import Skip

CHECKS = {
    "rules": rule_checks.promtool_accepts_rules,
    "rule-tests": rule_checks.promtool_tests_pass,
    "coverage": rule_checks.each_alert_is_tested_both_ways,
    "labels": rule_checks.alerts_are_shaped_alike,
    "runbooks": rule_checks.each_alert_has_its_runbook,
    "scrape-config": rule_checks.promtool_accepts_scrape_config,
    "alertmanager": alertmanager_checks.amtool_accepts_config,
    "routes": alertmanager_checks.alerts_are_routed,
    "inhibition": alertmanager_checks.inhibition_touches_copies_only,
    "dashboards": dashboard_checks.dashboards_are_sane,
    "metrics": page_checks.page_lists_what_is_exposed,
    "queries": live_checks.prometheus_accepts_queries,
    "series": live_checks.queries_name_live_series,
    "delivery": live_checks.firing_and_resolved_arrive,
}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(CHECKS))
        return 0
    if not arguments or arguments[0] not in CHECKS or (arguments[1:] and arguments[0] != "series"):
        print(__doc__, file=sys.stderr)
        return 2
    name, files = arguments[0], arguments[1:]
    try:
        faults = CHECKS[name](*files)
    except Skip as skip:
        print(f"SKIP: {skip}")
        return 0
    for fault in faults:
        print(fault)
    print(f"{'FAILED' if faults else 'ok'}: {name}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
