"""scripts/mutate: its table fits the sources as they are, and it reads the simulation's answer rightly."""
import importlib.machinery
import importlib.util
import pathlib
import re
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def script(name):
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


mutate = script("mutate")


class Table(unittest.TestCase):
    mutations = tomllib.loads(mutate.TABLE.read_text(encoding="utf-8"))["mutation"]

    def test_every_mutation_changes_its_source(self):
        for one in self.mutations:
            with self.subTest(one["name"]):
                source = (ROOT / one["file"]).read_text(encoding="utf-8")
                self.assertNotEqual(source, mutate.mutated(source, one["old"], one["new"]))

    def test_every_rule_is_one_of_the_simulation(self):
        known = set(re.findall(r'return "(.*)";', (ROOT / "tests/sim/rules.cpp").read_text(encoding="utf-8")))
        for one in self.mutations:
            self.assertLessEqual(set(one["rules"]), known, one["name"])

    def test_names_are_given_once(self):
        names = [one["name"] for one in self.mutations]
        self.assertEqual(sorted(set(names)), sorted(names))


class Text(unittest.TestCase):
    def test_white_space_is_as_clang_format_likes(self):
        self.assertEqual("f(2);", mutate.mutated("f(\n    a,\n b);", "f(a, b);", "f(2);"))

    def test_words_are_not_joined(self):
        with self.assertRaises(ValueError):
            mutate.mutated("returnx;", "return x;", "")

    def test_a_text_that_is_there_twice_is_refused(self):
        with self.assertRaises(ValueError):
            mutate.mutated("a; a;", "a;", "")


class Verdict(unittest.TestCase):
    def test_a_broken_rule_is_named_with_its_steps(self):
        output = "BROKEN: approval: by whom\nincident 3: acts\nafter 42 steps, found by: fieldmedic-sim --episode 1\n"
        self.assertEqual(("approval: by whom", "42"), mutate.verdict(1, output))

    def test_what_was_never_reached_is_found_too(self):
        self.assertEqual(("never reached: event: paused", "all"), mutate.verdict(1, "never reached: event: paused\n"))

    def test_a_core_that_crashes_is_found_too(self):
        self.assertEqual(("ended with -11", "?"), mutate.verdict(-11, ""))

    def test_a_run_without_a_fault_finds_nothing(self):
        self.assertIsNone(mutate.verdict(0, "seed 1: 299 episodes, no rule broken\n"))


if __name__ == "__main__":
    unittest.main()
