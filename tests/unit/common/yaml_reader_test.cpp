#include "common/yaml_reader.hpp"

#include <sys/stat.h>

#include <string>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

// Reads the keys that most tests here use, and answers every error.
std::string errors_of(std::string_view text) {
  ConfigErrors errors;
  const YamlMap root = parse_yaml("f.yml", text, errors);
  (void)root.string("name", "");
  (void)root.duration("cooldown", milliseconds{1});
  (void)root.integer("attempts", 3, 1, 10);
  (void)root.boolean("dry_run", false);
  (void)root.one_of("mode", {"act", "dry_run"}, "act");
  (void)root.strings("ports");
  (void)root.map("process");
  (void)root.maps("groups");
  root.done();
  return errors.text();
}

std::string repeat(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("yaml reader: each fault is told with its place and what was wanted") {
  struct Case {
    const char* name;
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"well formed", "name: a\ncooldown: 5m\nattempts: 10\ndry_run: true\nmode: act\nports: [x]\n",
       ""},
      {"empty text", "", ""},
      {"only a comment", "# nothing\n", ""},
      {"duration", "name: x\n  \ncooldown: soon\n",
       "f.yml:3:11: 'cooldown' wants a duration such as 90s or 5m, got 'soon'"},
      {"integer below", "attempts: 0",
       "f.yml:1:11: 'attempts' wants a whole number from 1 to 10, got '0'"},
      {"integer above", "attempts: 11",
       "f.yml:1:11: 'attempts' wants a whole number from 1 to 10, got '11'"},
      {"integer with a tail", "attempts: 3x",
       "f.yml:1:11: 'attempts' wants a whole number from 1 to 10, got '3x'"},
      {"integer beyond 64 bits", "attempts: 99999999999999999999",
       "f.yml:1:11: 'attempts' wants a whole number from 1 to 10, got '99999999999999999999'"},
      {"boolean", "dry_run: yes", "f.yml:1:10: 'dry_run' wants true or false, got 'yes'"},
      {"one of", "mode: dryrun",
       "f.yml:1:7: 'mode' wants one of act, dry_run, got 'dryrun', did you mean 'dry_run'?"},
      {"text, got a list", "name: [a]", "f.yml:1:7: 'name' wants text, got a list"},
      {"text, got nothing, told at its key", "name:\nmode: act",
       "f.yml:1:1: 'name' wants text, got nothing"},
      {"list, got text", "ports: secret", "f.yml:1:8: 'ports' wants a list of texts, got text"},
      {"list element", "ports: [a, {b: c}]",
       "f.yml:1:12: each element of 'ports' wants text, got a mapping"},
      {"mapping, got text", "process: x", "f.yml:1:10: 'process' wants a mapping, got text"},
      {"list of mappings", "groups:\n  - a\n  - b: c\n",
       "f.yml:2:5: each element of 'groups' wants a mapping, got text"},
      {"an empty list or mapping may stay empty", "ports:\nprocess:\ngroups:\n", ""},
      {"unknown key with a hint", "cooldwn: 5m",
       "f.yml:1:1: unknown key 'cooldwn', did you mean 'cooldown'?"},
      {"unknown key far from all", "zzz: 5m", "f.yml:1:1: unknown key 'zzz'"},
      {"duplicate key, the first counts", "attempts: 2\nname: a\nattempts: 99\n",
       "f.yml:3:1: key 'attempts' is given twice, first in line 1"},
      {"the file is a list", "- a", "f.yml:1:1: the file wants a mapping, got a list"},
      {"anchor", "name: &a b",
       "f.yml:1:7: anchors are not supported, write the value out where it is used"},
      {"alias", "name: &a b\nmode: *a",
       "f.yml:1:7: anchors are not supported, write the value out where it is used\n"
       "f.yml:2:7: aliases are not supported, write the value out"},
      {"tag",
       "name: !!binary aGk=", "f.yml:1:7: tags are not supported, got 'tag:yaml.org,2002:binary'"},
      {"second document", "name: a\n---\nname: b\n",
       "f.yml:2:1: wants one document, a second one starts here"},
      {"key that is no text", "? [a]\n: b\nname: c\n", "f.yml:1:3: a key must be plain text"},
      {"not YAML", "name: a: b", "f.yml:1:8: is not YAML: illegal map value"},
      {"tab", "a: 1\n\tb: 2", "f.yml:2:1: is not YAML: illegal tab when looking for indentation"},
      {"control character", "name: a\nmode: a\x04t",
       "f.yml:2:8: control character 0x04 in the text"},
      {"open double quote", "name: \"a\nmode: act\n",
       "f.yml:1:7: a quote is opened and never closed"},
      {"open double quote after an escaped one", "name: \"a\\\"\n",
       "f.yml:1:7: a quote is opened and never closed"},
      {"open single quote", "name: 'a\n", "f.yml:1:7: a quote is opened and never closed"},
      {"open single quote after a doubled one", "mode: act\nname: 'a''\n",
       "f.yml:2:7: a quote is opened and never closed"},
      {"open quote at the very end", "name: 'a", "f.yml:1:9: is not YAML: illegal EOF in scalar"},
      {"closed quotes", "name: 'é''\"'\nports: [\"\\\\\", '''', \"\", '', x\"y']\n", ""},
      {"byte order mark", "\xef\xbb\xbfname: 'a'\n", ""},
      {"escaped NUL", "name: \"a\\0b\"", "f.yml:1:7: a value must not hold a NUL character"},
      {"several, in order of place", "mode: x\ncooldown: y\nname: [\n ]\n",
       "f.yml:1:7: 'mode' wants one of act, dry_run, got 'x'\n"
       "f.yml:2:11: 'cooldown' wants a duration such as 90s or 5m, got 'y'\n"
       "f.yml:3:7: 'name' wants text, got a list"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      CHECK(errors_of(c.text) == c.want);
    }
}

TEST_CASE("yaml reader: values are read with their types and defaults") {
  ConfigErrors errors;
  const YamlMap root = parse_yaml("f.yml",
                                  "name: 'a: b'\ncooldown: 1h30m\nattempts: 7\ndry_run: true\n"
                                  "ports: [\"1\", 2]\nprocess: {pid_file: /run/x}\n"
                                  "groups: [{name: g1}, {name: g2}]\nchecks: [cpu, {port: {}}]\n",
                                  errors);
  CHECK(root.string("name") == "a: b");
  CHECK(root.duration("cooldown") == std::chrono::minutes{90});
  CHECK(root.integer("attempts", 3, 1, 10) == 7);
  CHECK(root.integer("absent", 3, 1, 10) == 3);
  CHECK(root.boolean("dry_run", false));
  CHECK(root.one_of("mode", {"act", "dry_run"}, "act") == "act");
  CHECK(root.strings("ports") == std::vector<std::string>{"1", "2"});
  CHECK(root.map("process").string("pid_file") == "/run/x");
  CHECK(root.maps("groups").at(1).string("name") == "g2");
  const std::vector<YamlValue> checks = root.values("checks");
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].string() == "cpu");
  CHECK_FALSE(checks[0].map());
  CHECK(checks[1].map()->keys() == std::vector<std::string>{"port"});
  CHECK(checks[1].where() == "f.yml:8:15");
  CHECK(root.where("name") == "f.yml:1:7");
  CHECK(root.where("absent") == "f.yml:1:1");
  root.done();
  CHECK(errors.text().empty());
}

TEST_CASE("yaml reader: required values that are missing or empty are errors") {
  ConfigErrors errors;
  const YamlMap root = parse_yaml("f.yml", "list:\n  - name: ''\n", errors);
  const YamlMap element = root.maps("list").at(0);
  CHECK(element.string("name").empty());
  CHECK(element.string("other").empty());
  CHECK(element.duration("within") == milliseconds{0});
  CHECK(errors.text() ==
        "f.yml:2:5: 'other' is missing\n"
        "f.yml:2:5: 'within' is missing\n"
        "f.yml:2:11: 'name' must not be empty");
}

TEST_CASE("yaml reader: a list that must hold something is missing or empty") {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"tiers: [a]", ""},
      {"tiers: {a: b}", ""},
      {"other: []", "f.yml:1:1: 'tiers' is missing"},
      {"tiers: []", "f.yml:1:8: 'tiers' must not be empty"},
      {"a: b\ntiers:\n", "f.yml:2:1: 'tiers' must not be empty"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.text) {
      ConfigErrors errors;
      parse_yaml("f.yml", c.text, errors).require("tiers");
      CHECK(errors.text() == c.want);
    }
}

TEST_CASE("yaml reader: an absent mapping is empty and reports nothing") {
  ConfigErrors errors;
  const YamlMap absent = parse_yaml("f.yml", "a: b", errors).map("journal");
  CHECK(absent.string("path").empty());
  CHECK(absent.string("path", "x") == "x");
  CHECK_FALSE(absent.has("path"));
  CHECK(absent.keys().empty());
  absent.error("never shown");
  absent.done();
  CHECK(errors.empty());
}

TEST_CASE("yaml reader: what was asked for through one copy is known to all") {
  ConfigErrors errors;
  const YamlMap root = parse_yaml("f.yml", "m: {a: 1, b: 2}", errors);
  (void)root.map("m").string("a");
  (void)root.map("m").has("b");
  root.map("m").done();
  CHECK(errors.empty());
}

TEST_CASE("yaml reader: an error of the caller stands at the key and is told once") {
  ConfigErrors errors;
  const YamlMap root = parse_yaml("f.yml", "a: 1\nname: b\n", errors);
  root.error("name", "no receiver 'b'");
  (void)root.string("a", "");
  root.done();
  CHECK(errors.text() == "f.yml:2:7: no receiver 'b'");
}

TEST_CASE("yaml reader: depth is bounded at 64 levels in every notation") {
  CHECK(errors_of("name: a\nports: " + repeat("[", 63) + repeat("]", 63)) ==
        "f.yml:2:9: each element of 'ports' wants text, got a list");
  CHECK(errors_of("name: a\nports: " + repeat("[", 64) + repeat("]", 64)) ==
        "f.yml:2:71: nested deeper than 64 levels");
  for (const char* part : {"- ", "[", "{", "{a: ", "[a, ", "? ", "[\n"})
    CHECK_THAT(errors_of(repeat(part, 15'000)), Catch::Contains("nested deeper than 64 levels"));
}

TEST_CASE("yaml reader: long lines and large texts are refused") {
  CHECK(errors_of("name: " + repeat("a", 65'530)).empty());
  CHECK(errors_of("name: " + repeat("a", 65'531)) == "f.yml:1:65537: a line longer than 64 KiB");
  CHECK(errors_of(repeat("#\n", (4 << 20) / 2)).empty());
  CHECK(errors_of(repeat("#\n", (4 << 20) / 2) + "\n") == "f.yml: is larger than 4 MiB");
}

TEST_CASE("yaml reader: values in errors are cut and escaped") {
  CHECK(errors_of("attempts: " + repeat("9", 100)) ==
        "f.yml:1:11: 'attempts' wants a whole number from 1 to 10, got '" + repeat("9", 64) + "…'");
  CHECK(errors_of("dry_run: \"a\\n\\e[31m\"") ==
        "f.yml:1:10: 'dry_run' wants true or false, got 'a\\n\\x1b[31m'");
  // 63 bytes and a letter of two: cut before it, not in its middle.
  CHECK(errors_of("dry_run: " + repeat("a", 63) + "éb") ==
        "f.yml:1:10: 'dry_run' wants true or false, got '" + repeat("a", 63) + "…'");
}

TEST_CASE("yaml reader: errors are sorted by line and column as numbers") {
  ConfigErrors errors;
  errors.add("f.yml:10:1", "b");
  errors.add("f.yml:9:12", "a2: x");
  errors.add("f.yml:9:2", "a1");
  errors.add("f.yml", "whole file");
  CHECK(errors.text() == "f.yml: whole file\nf.yml:9:2: a1\nf.yml:9:12: a2: x\nf.yml:10:1: b");
}

TEST_CASE("yaml reader: errors are bounded, and it is said that there are more") {
  std::string text = "one: &x 1\nall:\n";
  for (int i = 0; i < 5'000; ++i) text += "- *x\n";
  ConfigErrors errors;
  (void)parse_yaml("f.yml", text, errors);
  CHECK(errors.lines().size() == 1'001);
  CHECK(errors.lines().back().ends_with("there are more errors than are listed"));
}

TEST_CASE("yaml reader: files are read and what cannot be read is an error with its reason") {
  const TempTree tree{{{"good.yml", "name: x\n"}, {"bad.yml", "name: [\n"}}};
  ConfigErrors none;
  CHECK(read_yaml_file(tree.root / "good.yml", none).string("name") == "x");
  CHECK(none.empty());

  ConfigErrors errors;
  const YamlMap missing = read_yaml_file(tree.root / "absent.yml", errors);
  CHECK(missing.keys().empty());
  CHECK(errors.text() ==
        (tree.root / "absent.yml").string() + ": cannot be read: No such file or directory");

  ConfigErrors folder;
  (void)read_yaml_file(tree.root, folder);
  CHECK(folder.text() == tree.root.string() + ": cannot be read: Is a directory");

  const auto fifo = tree.root / "fifo.yml";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  ConfigErrors odd;
  (void)read_yaml_file(fifo, odd);
  CHECK(odd.text() == fifo.string() + ": cannot be read: no regular file");
}

}  // namespace fieldmedic
