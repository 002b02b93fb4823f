// When the faults of many members are one fault.
#include "remediator/core/wide_fault.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic::core;
using namespace std::chrono_literals;

namespace {

constexpr Time kNow{1'000'000s};

std::vector<Fall> falls_of(const std::vector<std::pair<const char*, Duration>>& ago) {
  std::vector<Fall> falls;
  for (const auto& [host, before] : ago) falls.push_back({host, kNow - before});
  return falls;
}

GroupScope cluster_of(Share share) {
  GroupScope scope;
  scope.cluster = ClusterRule{share, 300s};
  return scope;
}

}  // namespace

TEST_CASE("cluster: a share of the group's hosts within the window") {
  using enum Share::Kind;
  struct Case {
    const char* name;
    Share share;
    int size;
    std::vector<std::pair<const char*, Duration>> ago;
    bool want;
  };
  const Case cases[] = {
      {"half of four", {Percent, 50}, 4, {{"a", 10s}, {"b", 5s}}, true},
      {"one short", {Percent, 50}, 4, {{"a", 10s}}, false},
      {"half of three are two", {Percent, 50}, 3, {{"a", 10s}, {"b", 0s}}, true},
      {"a host counts once", {Percent, 50}, 4, {{"a", 10s}, {"a", 5s}}, false},
      {"one is never a cluster", {Percent, 10}, 4, {{"a", 10s}}, false},
      {"nor in a group of one", {Percent, 100}, 1, {{"a", 10s}}, false},
      {"on the edge of the window", {Count, 2}, 9, {{"a", 300s - 1ms}, {"b", 0s}}, true},
      {"outside of it", {Count, 2}, 9, {{"a", 300s}, {"b", 0s}}, false},
      {"an old fall does not hide a new one",
       {Count, 2},
       9,
       {{"a", 400s}, {"a", 9s}, {"b", 0s}},
       true},
  };
  for (const Case& each : cases) {
    INFO(each.name);
    const auto found = wide_fault_of(cluster_of(each.share), falls_of(each.ago), each.size, kNow);
    CHECK(found.has_value() == each.want);
    if (found) CHECK(found->fault == Fault::Cluster);
  }
  CHECK(
      wide_fault_of(cluster_of({Share::Kind::Count, 2}), falls_of({{"a", 9s}, {"b", 0s}}), 9, kNow)
          ->why == "2 of 9 hosts failed within 300 s");
}

TEST_CASE("cascade: one host after another, each apart from the one before") {
  struct Case {
    const char* name;
    std::vector<std::pair<const char*, Duration>> ago;
    bool want;
  };
  const Case cases[] = {
      {"three, one after another", {{"a", 60s}, {"b", 40s}, {"c", 0s}}, true},
      {"two", {{"a", 60s}, {"b", 40s}}, false},
      {"all at once are no cascade", {{"a", 2s}, {"b", 1s}, {"c", 0s}}, false},
      {"exactly apart", {{"a", 30s}, {"b", 15s}, {"c", 0s}}, true},
      {"a millisecond too close", {{"a", 30s}, {"b", 15s + 1ms}, {"c", 1ms}}, false},
      {"one of them too close", {{"a", 29s}, {"b", 15s}, {"c", 0s}}, false},
      {"the same host again", {{"a", 60s}, {"b", 40s}, {"a", 0s}}, false},
      {"the first is too long ago", {{"a", 900s}, {"b", 40s}, {"c", 0s}}, false},
  };
  GroupScope scope;
  scope.cascade = CascadeRule{3, 900s, 15s};
  for (const Case& each : cases) {
    INFO(each.name);
    CHECK(wide_fault_of(scope, falls_of(each.ago), 100, kNow).has_value() == each.want);
  }
  CHECK(*wide_fault_of(scope, falls_of({{"a", 60s}, {"b", 40s}, {"c", 0s}}), 100, kNow) ==
        WideFault{Fault::Cascade, "one after another within 900 s: a, then b, then c"});
}

TEST_CASE("without a rule nothing is wide, and a cluster goes before a cascade") {
  const auto falls = falls_of({{"a", 60s}, {"b", 40s}, {"c", 0s}});
  CHECK_FALSE(wide_fault_of({}, falls, 3, kNow));
  GroupScope both = cluster_of({Share::Kind::Count, 3});
  both.cascade = CascadeRule{3, 900s, 15s};
  CHECK(wide_fault_of(both, falls, 3, kNow)->fault == Fault::Cluster);
}
