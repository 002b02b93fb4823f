#include "remediator/file_sd.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

constexpr const char* kJson = R"([
	{"targets": ["10.0.0.11:9987", "10.0.0.11:9100"],
	 "labels": {"host": "sh-01", "group": "shanghai", "job": "fieldmedic", "rack": 7}},
	{"targets": ["10.0.0.12:9987"], "labels": {"host": "sh-02", "group": "shanghai"}}
])";
constexpr const char* kYaml = R"(
- targets: ["10.0.1.11:9987"]
  labels: {host: bj-01, group: beijing}
)";
const WatchedHosts kShanghai{{"sh-01", "shanghai"}, {"sh-02", "shanghai"}};

TEST_CASE("file_sd: hosts by their labels, from JSON and from YAML") {
  const TempTree tree;
  CHECK(read_file_sd(tree.write("a.json", kJson), {}) == kShanghai);
  CHECK(read_file_sd(tree.write("a.yml", kYaml), {}) == WatchedHosts{{"bj-01", "beijing"}});
  CHECK(read_file_sd(tree.write("none.json", "[]"), {}) == WatchedHosts{});
}

TEST_CASE("file_sd: labels may have other names, and an entry without them is of something else") {
  const TempTree tree;
  const auto file = tree.write("a.yml",
                               "- {targets: [a], labels: {machine: m1, site: s}}\n"
                               "- {targets: [b], labels: {machine: m2}}\n"
                               "- {targets: [c]}\n"
                               "- {targets: [], labels: {machine: m3, site: s}}\n"
                               "- {targets: [e], labels: {machine: m1, site: s, job: node}}\n");
  CHECK(read_file_sd(file, {{}, "machine", "site"}) == WatchedHosts{{"m1", "s"}});
}

TEST_CASE("file_sd: a file with a fault says nothing but where it is") {
  const struct {
    const char* name;
    std::string text;
    const char* want;
  } cases[] = {
      {"empty", "", ":1:1: the file wants a list of mappings"},
      {"a mapping", "targets: [a]", ":1:1: the file wants a list of mappings"},
      {"a list of texts", "[a]", ":1:2: each element of the file wants a mapping"},
      {"cut off", R"([{"targets": ["a"], "labels": {"host": "h")", ":"},
      {"a host that is no name",
       R"([{"targets": ["a"], "labels": {"host": "../h", "group": "g"}}])",
       ":1:40: 'host' wants 1 to 64 characters"},
      {"one host in two groups",
       "- {targets: [a], labels: {host: h, group: g}}\n"
       "- {targets: [a], labels: {host: h, group: i}}\n",
       ":2:43: host h is in group g already"},
      {"too large", "- {targets: [a]}\n" + std::string(5 << 20, '#'), ":"},
      {"nested without end", std::string(100'000, '['), ":"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const TempTree tree;
      const auto file = tree.write("a.yml", c.text);
      const auto hosts = read_file_sd(file, {});
      REQUIRE_FALSE(hosts);
      INFO(hosts.error().message);
      CHECK(hosts.error().message.starts_with(file.string() + c.want));
    }
}

TEST_CASE("file_sd: a file that breaks keeps what it last said, and one that goes does not") {
  const TempTree tree;
  const FileSd config{{(tree.root / "*.json").string(), (tree.root / "named.yml").string()}};
  FileSdReader reader;
  const auto nothing = reader.read(config);
  CHECK(nothing.hosts.empty());
  REQUIRE(nothing.faults.size() == 1);  // one that is named has to be there
  CHECK(nothing.faults[0] ==
        (tree.root / "named.yml").string() + ": cannot be read: No such file or directory");

  tree.write("named.yml", kYaml);
  const auto shanghai = tree.write("sh.json", kJson);
  WatchedHosts all = kShanghai;
  all["bj-01"] = "beijing";
  auto answer = reader.read(config);
  CHECK(answer.hosts == all);
  CHECK(answer.faults.empty());

  tree.write("sh.json", "[{");
  std::filesystem::remove(tree.root / "named.yml");
  answer = reader.read(config);
  CHECK(answer.hosts == all);
  CHECK(answer.faults.size() == 2);

  std::filesystem::remove(shanghai);
  answer = reader.read(config);
  CHECK(answer.hosts == WatchedHosts{{"bj-01", "beijing"}});
  CHECK(answer.faults.size() == 1);
}

TEST_CASE("file_sd: a folder that cannot be looked through takes no hosts away") {
  const TempTree tree;
  tree.write("d/sh.json", kJson);
  const FileSd config{{(tree.root / "d" / "*.json").string()}};
  FileSdReader reader;
  CHECK(reader.read(config).hosts == kShanghai);

  std::filesystem::rename(tree.root / "d", tree.root / "away");
  std::filesystem::create_symlink("d", tree.root / "d");  // to itself: ELOOP, for root too
  const auto answer = reader.read(config);
  CHECK(answer.hosts == kShanghai);
  REQUIRE_FALSE(answer.faults.empty());
  CHECK(answer.faults[0] == config.patterns[0] + ": a folder of it cannot be looked through");

  std::filesystem::remove(tree.root / "d");  // gone is known
  CHECK(reader.read(config).hosts.empty());
}

TEST_CASE("file_sd: two files that do not agree on a group are told, and the first counts") {
  const TempTree tree;
  tree.write("a.yml", "- {targets: [a], labels: {host: h, group: g}}\n");
  const auto second = tree.write("b.yml", "- {targets: [a], labels: {host: h, group: i}}\n");
  FileSdReader reader;
  const auto answer = reader.read({{(tree.root / "*.yml").string()}});
  CHECK(answer.hosts == WatchedHosts{{"h", "g"}});
  CHECK(answer.faults == std::vector{second.string() + ": host h is in group g by another file"});
}

TEST_CASE("file_sd: what is declared stays as it is, and other groups are none of ours") {
  Inventory declared;
  GroupSpec& shanghai = declared.groups.emplace_back();
  shanghai.name = "shanghai";
  shanghai.hosts.emplace_back().name = "sh-01";
  const auto inventory = with_watched(
      declared, {{"sh-01", "shanghai"}, {"sh-03", "shanghai"}, {"sh-02", "shanghai"}, {"x", "y"}});
  REQUIRE(inventory->groups.size() == 1);
  CHECK(inventory->groups[0].hosts.size() == 1);
  CHECK(inventory->groups[0].watched == std::vector<std::string>{"sh-02", "sh-03"});
  CHECK(inventory->group_watching("sh-02") == &inventory->groups[0]);
  CHECK(inventory->group_watching("sh-01") == nullptr);
  CHECK(inventory->group_of_host("sh-02") == nullptr);
  CHECK(inventory->group_watching("x") == nullptr);
}

}  // namespace
}  // namespace fieldmedic
