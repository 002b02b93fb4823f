"""Each rule finds what it is there for, and leaves alone what only looks like it."""
import unittest

import rules

BAD = [
    ("layers", "common/a.cpp", '#include "exporter/module.hpp"\n'),
    ("layers", "common/a.hpp", '#include "remediator/core/plan.hpp"\n'),
    ("layers", "exporter/a.cpp", '#include "remediator/core/plan.hpp"\n'),
    ("layers", "remediator/a.cpp", '#include "exporter/module.hpp"\n'),
    ("layers", "exporter/host/cpu.cpp", '#include "exporter/collector/log.hpp"\n'),
    ("layers", "tool/a.cpp", '#include "exporter/config.hpp"\n'),
    ("layers", "remediator/a.cpp", '#include "tool/ask.hpp"\n'),
    ("layers", "remediator/core/a.hpp", '#include "common/clock.hpp"\n'),
    ("layers", "remediator/core/a.hpp", '#include "remediator/journal/journal.hpp"\n'),
    ("layers", "remediator/actions/a.cpp", '#include "remediator/checks/check.hpp"\n'),
    ("layers", "remediator/checks/a.cpp", '#include "remediator/actions/action.hpp"\n'),
    ("layers", "remediator/notify/a.cpp", '#include "remediator/journal/journal.hpp"\n'),
    ("layers", "remediator/journal/a.cpp", '#  include "remediator/notify/notifier.hpp"\n'),
    ("layers", "remediator/reach/a.cpp", '#include "remediator/actions/action.hpp"\n'),
    ("layers", "common/a.cpp", '#include "tests/fakes/manual_clock.hpp"\n'),
    ("core_is_pure", "remediator/core/a.cpp", "#include <prometheus/registry.h>\n"),
    ("core_is_pure", "remediator/core/a.cpp", "#include <unistd.h>\n"),
    ("core_is_pure", "remediator/core/a.cpp", "#include <mutex>\n"),
    ("concrete_classes", "remediator/engine.cpp", '#include "remediator/journal/sqlite_journal.hpp"\n'),
    ("hidden_libraries", "common/a.hpp", "#include <nlohmann/json.hpp>\n"),
    ("hidden_libraries", "common/a.hpp", "#include <fmt/format.h>\n"),
    ("hidden_libraries", "common/a.hpp", '#include <boost/beast.hpp>\n'),
    ("clock_only", "exporter/a.cpp", "auto t = std::chrono::steady_clock::now();\n"),
    ("clock_only", "tests/unit/a_test.cpp", "auto t = system_clock::now();\n"),
    ("clock_only", "common/a.cpp", "auto t = std::time(nullptr);\n"),
    ("clock_only", "common/a.cpp", "clock_gettime(CLOCK_MONOTONIC, &t);\n"),
    ("no_sleep", "tests/unit/a_test.cpp", "std::this_thread::sleep_for(5ms);\n"),
    ("no_sleep", "common/a.cpp", "usleep(5);\n"),
    ("no_sleep", "common/a.cpp", "::sleep(5);\n"),
    ("no_shell", "common/a.cpp", 'std::system("reboot");\n'),
    ("no_shell", "common/a.cpp", 'auto* f = popen("ls", "r");\n'),
    ("no_throw", "common/a.cpp", "throw std::runtime_error(what);\n"),
    ("small_files", "common/a.cpp", "\n" * 351),
    ("small_files", "common/a.hpp", "\n" * 251),
    ("small_files", "tests/unit/a_test.cpp", "\n" * 501),
]

GOOD = [
    ("remediator/core/a.hpp", '#include <vector>\n#include "common/result.hpp"\n'),
    ("remediator/actions/a.cpp", '#include "remediator/reach/inventory.hpp"\n'),
    ("remediator/main.cpp", '#include "remediator/journal/sqlite_journal.hpp"\n'),
    ("remediator/journal/sqlite.cpp", '#include "remediator/journal/sqlite_journal.hpp"\n'),
    ("common/a.cpp", "#include <nlohmann/json.hpp>\n"),
    ("exporter/self.cpp", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);\n"),
    ("common/clock.cpp", "return std::chrono::steady_clock::now();\n"),
    ("common/a.cpp", "// steady_clock::now() and sleep(1) are named in a comment\n"),
    ("common/a.cpp", "/* #include \"exporter/module.hpp\"\n throw */\n"),
    ("common/a.cpp", 'const char* text = "popen(\\"ls\\") sleep(1) throw";\n'),
    ("common/a.cpp", 'const char* text = R"x(throw "sleep(1)")x";\n'),
    ("common/a.cpp", "int many = 10'000; step.time(0); std::system_category();\n"),
    ("tests/unit/a_test.cpp", "throw std::runtime_error(what);\n"),
    ("common/a.cpp", "\n" * 350),
]


class Rules(unittest.TestCase):
    def test_each_bad_snippet_is_found_by_its_rule(self):
        for rule, path, text in BAD:
            with self.subTest(rule=rule, path=path, text=text[:60]):
                self.assertIn(rule, [found for _, found, _ in rules.check(path, text)])

    def test_good_snippets_are_left_alone(self):
        for path, text in GOOD:
            with self.subTest(path=path, text=text[:60]):
                self.assertEqual([], list(rules.check(path, text)))

    def test_every_rule_has_a_bad_snippet(self):
        self.assertEqual({rule.__name__ for rule in rules.RULES}, {rule for rule, _, _ in BAD})

    def test_the_line_of_a_fault_is_told(self):
        text = 'int a;\n/* two\nlines */\n#include "exporter/module.hpp"\n'
        self.assertEqual([4], [line for line, _, _ in rules.check("common/a.cpp", text)])


if __name__ == "__main__":
    unittest.main()
