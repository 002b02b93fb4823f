"""The rules of architecture.md §5, each a function from (path, text) to (line, what is wrong).

Paths are relative to the root of the repository, with forward slashes.
"""
import os
import re

from cpp_text import includes, lines_matching

# What the sources of a folder may include of ours; the longest folder that fits decides. A name that
# ends in .hpp allows that header only.
ALLOWED = {
    "common": ["common"],
    "exporter": ["common", "exporter"],
    "exporter/files": ["common", "exporter/files"],
    "exporter/netlink": ["common", "exporter/netlink"],
    "exporter/host": ["common", "exporter/module.hpp", "exporter/files", "exporter/host"],
    "exporter/collector": ["common", "exporter/module.hpp", "exporter/files", "exporter/netlink",
                           "exporter/collector"],
    "exporter/diagnose": ["common", "exporter/module.hpp", "exporter/files", "exporter/collector",
                          "exporter/diagnose"],
    "exporter/link": ["common", "exporter/module.hpp", "exporter/netlink", "exporter/link"],
    "remediator": ["common", "remediator"],
    "remediator/core": ["common/result.hpp", "remediator/core"],
    "remediator/reach": ["common", "remediator/core", "remediator/reach"],
    "remediator/actions": ["common", "remediator/core", "remediator/reach", "remediator/actions"],
    "remediator/checks": ["common", "remediator/core", "remediator/reach", "remediator/checks"],
    "remediator/notify": ["common", "remediator/core", "remediator/notify"],
    "remediator/journal": ["common", "remediator/core", "remediator/journal"],
    "remediator/diagnose": ["common", "remediator/core", "remediator/diagnose"],
    "tool": ["common", "tool", "remediator"],
}
# The interfaces and tables of the folders whose other headers are concrete classes.
INTERFACES = {
    "remediator/actions": {"action.hpp", "actions.hpp"},
    "remediator/checks": {"check.hpp", "checks.hpp"},
    "remediator/notify": {"notifier.hpp", "notifiers.hpp", "outbox.hpp"},
    "remediator/journal": {"journal.hpp", "journal_file.hpp", "event_codec.hpp"},
}
# Where a daemon is put together out of concrete classes.
ASSEMBLY = re.compile(r"^(exporter|remediator)/(main|program)\.(cpp|hpp)$")
HIDDEN_LIBRARIES = re.compile(
    r"^(nlohmann/|spdlog/|yaml-cpp/|fmt/|curl/|sqlite3|re2/|CLI/|boost/|simdjson)")
# Headers inside of one folder, which no other includes.
SHOWS_LIBRARY = {"remediator/journal/field_reader.hpp", "remediator/journal/json_value.hpp"}
# Core decides; it neither waits, nor shares, nor reads anything.
NOT_FOR_CORE = {"mutex", "shared_mutex", "condition_variable", "thread", "atomic", "future", "random",
                "filesystem", "fstream", "iostream", "semaphore", "latch", "barrier"}
# The daemons' clock, and the one place where tests wait for something.
CLOCKS = {"common/clock.cpp", "tests/fakes/eventually.hpp"}
LINE_LIMITS = {"source": 350, "header": 250, "test": 500}


def folder_rule(path):
    folders = [f for f in ALLOWED if path.startswith(f + "/")]
    return max(folders, key=len) if folders else None


def layers(path, text):
    folder = folder_rule(path)
    if folder is None:
        return
    for line, header, ours in includes(text):
        if not ours:
            continue
        allowed = any(header == a or header.startswith(a + "/") for a in ALLOWED[folder])
        if not allowed:
            yield line, f"{folder} must not include {header}"


def core_is_pure(path, text):
    if not path.startswith("remediator/core/"):
        return
    for line, header, ours in includes(text):
        if not ours and (not re.fullmatch(r"[a-z_0-9]+", header) or header in NOT_FOR_CORE):
            yield line, f"core includes the standard library's pure part only, not <{header}>"


def concrete_classes(path, text):
    if path.startswith(("tests/", "bench/")) or ASSEMBLY.match(path):
        return
    for line, header, ours in includes(text):
        folder, _, name = header.rpartition("/")
        known = INTERFACES.get(folder)
        if ours and known and name not in known and not path.startswith(folder + "/"):
            yield line, f"{header} is a concrete part: only main and the table of its folder name it"


def hidden_libraries(path, text):
    if path.startswith("tests/") or not path.endswith(".hpp") or path in SHOWS_LIBRARY:
        return
    for line, header, _ in includes(text):
        if HIDDEN_LIBRARIES.match(header):
            yield line, f"<{header}> belongs in a .cpp: our headers hide the libraries"


def clock_only(path, text):
    if path in CLOCKS:
        return
    pattern = (r"\b(steady|system|high_resolution|utc)_clock\s*::\s*now\b"
               r"|\bclock_gettime\s*\(\s*(?!CLOCK_(PROCESS|THREAD)_CPUTIME_ID\b)"
               r"|\bgettimeofday\s*\(|(?<![\w.>])time\s*\(\s*(nullptr|NULL|0|&\w+)\s*\)")
    for line, found in lines_matching(text, pattern):
        yield line, f"'{found}': the time is read through Clock only"


def no_sleep(path, text):
    if path.startswith("bench/"):  # a load of so many a second is paced
        return
    pattern = r"\bsleep_(for|until)\s*\(|(?<![\w.>])(u|nano|clock_nano)?sleep\s*\("
    for line, found in lines_matching(text, pattern):
        yield line, f"'{found}': wait for what is awaited, with a deadline"


def no_shell(path, text):
    for line, found in lines_matching(text, r"\bstd::system\s*\(|(?<![\w.>:])(system|popen)\s*\("):
        yield line, f"'{found}': commands are argv, through ProcessRunner"


def no_throw(path, text):
    if path.startswith("tests/"):
        return
    for line, _ in lines_matching(text, r"\bthrow\b"):
        yield line, "our code returns Result, it does not throw"


def small_files(path, text):
    kind = "test" if path.startswith("tests/") else "header" if path.endswith(".hpp") else "source"
    count = text.count("\n")
    if count > LINE_LIMITS[kind]:
        yield count, f"{count} lines; a {kind} has at most {LINE_LIMITS[kind]}"


RULES = [layers, core_is_pure, concrete_classes, hidden_libraries, clock_only, no_sleep, no_shell,
         no_throw, small_files]


def check(path, text):
    """All faults of one file: (line, rule's name, what is wrong)."""
    for rule in RULES:
        for line, wrong in rule(path, text):
            yield line, rule.__name__, wrong


def sources(root):
    """The C++ files of the repository, relative to its root."""
    for top in ("common", "exporter", "remediator", "tool", "tests", "bench"):
        for folder, names, files in os.walk(os.path.join(root, top)):
            names.sort()
            for name in sorted(files):
                if name.endswith((".cpp", ".hpp")):
                    yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
