"""The editors' JSON schemas and the daemons' readers agree on the shipped and on the bad configurations."""
import json
import pathlib
import sys
import unittest

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"SKIP: {missing.name} is not installed (Debian: python3-{missing.name})")
    sys.exit(0)

ROOT = pathlib.Path(__file__).resolve().parents[2]
BAD = ROOT / "tests/fixtures/config/bad"

# Faults that a schema cannot see: they need another part of the file, another file, or a parser.
BEYOND_A_SCHEMA = {
    "anchor", "bad_regexp", "bad_matcher", "two_matchers_in_one", "duplicate_name", "duplicate_playbook",
    "duplicate_receiver", "duplicate_host", "duplicate_group", "duplicate_collector", "unknown_receiver",
    "target_from_annotations", "target_template", "timeout_too_long", "zero_hold", "url_with_user", "not_yaml",
    "port_zero", "two_local_hosts", "watchdog_too_short", "unknown_self_receiver", "role_of_nobody",
    "protected_stranger", "short_keep", "bad_condition", "condition_of_no_check", "nothing_declares",
    "bad_depends_on", "bad_correlation_window", "promql_without_prometheus", "ca_file",
}


def validator(name):
    schema = json.loads((ROOT / f"deploy/schema/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


class Schema(unittest.TestCase):
    def test_the_shipped_configurations_are_valid(self):
        for name, file in (("exporter", "deploy/exporter.yml"), ("remediator", "deploy/remediator.yml")):
            with self.subTest(file):
                config = yaml.safe_load((ROOT / file).read_text())
                self.assertEqual([e.message for e in validator(name).iter_errors(config)], [])

    def test_the_bad_configurations_are_not(self):
        for name in ("exporter", "remediator"):
            files = sorted((BAD / name).glob("*.yml"))
            self.assertTrue(files)
            for file in files:
                if file.stem in BEYOND_A_SCHEMA:
                    continue
                with self.subTest(file.name):
                    self.assertFalse(validator(name).is_valid(yaml.safe_load(file.read_text())))


if __name__ == "__main__":
    unittest.main()
