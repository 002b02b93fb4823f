#include "exporter/host/vmstat.hpp"

#include <map>

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

Result<std::map<std::string, double>> parse(std::string_view text) {
  std::vector<VmstatField> known;
  std::map<std::string, double> values;
  auto parsed = parse_vmstat(
      text, known, [](std::string_view key) { return key.starts_with("pg"); },
      [&](const VmstatField& field, double value) { values[field.metric] = value; });
  if (!parsed) return fail(std::move(parsed.error()));
  return values;
}

}  // namespace

TEST_CASE("vmstat: fields that are chosen are read and the rest is not looked at") {
  const auto values = parse("nr_free x\npgpgin 12\npgfault 18446744073709551615\n");
  REQUIRE(values);
  CHECK(*values == std::map<std::string, double>{{"node_vmstat_pgpgin", 12},
                                                 {"node_vmstat_pgfault", 18446744073709551615.0}});
}

TEST_CASE("vmstat: a truncated or odd file is an error and not a zero") {
  for (const auto* text : {"", "pgpgin 1", "pgpgin\n", "pgpgin -1\n", "pgpgin 1x\n", "\n",
                           "pgpgin 18446744073709551616\n"}) {
    INFO(text);
    const auto values = parse(text);
    REQUIRE_FALSE(values);
    CHECK(values.error().code == Errc::Malformed);
  }
}

TEST_CASE("vmstat: a name that cannot be a metric's is not published") {
  const auto values = parse("pg{x} 1\n");
  REQUIRE(values);
  CHECK(values->empty());
}

TEST_CASE("vmstat: the module follows its configuration and lines that move") {
  const TempTree host{{{"proc/vmstat", "pgpgin 1\nallocstall 2\n"}}};
  const auto usual = make_vmstat_module(host_at(host.root), {});
  auto families = usual->collect({});
  REQUIRE(families);
  CHECK(families->size() == 1);
  host.write("proc/vmstat", "allocstall 3\npgpgin 4\n");
  families = usual->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_vmstat_pgpgin") == 4);
  families = make_vmstat_module(host_at(host.root), {.fields = "stall"})->collect({});
  REQUIRE(families);
  CHECK(families->size() == 1);
  CHECK(value_of(*families, "node_vmstat_allocstall") == 3);
}
