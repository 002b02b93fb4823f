// The index behind caps and overlaps.
#include "remediator/core/under_repair.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic::core;

namespace {

Incident at_work(IncidentId id, const std::string& host, std::vector<std::string> resources) {
  Incident incident;
  incident.id = id;
  incident.target = {TargetKind::Collector, "orders", host, "g"};
  incident.attempt = Attempt{};
  incident.attempt->plan.resources = std::move(resources);
  return incident;
}

}  // namespace

TEST_CASE("a resource is held with all above and all below it by whole components") {
  struct Case {
    const char* held;
    const char* wanted;
    bool overlaps;
  };
  const Case cases[] = {
      {"host/a", "host/a/process/x", true},
      {"host/a/process/x", "host/a", true},
      {"host/a", "host/a", true},
      {"host/a", "host/ab", false},
      {"host/ab", "host/a", false},
      {"host/a.b", "host/a", false},  // '.' sorts before '/'
      {"host/a/process/x", "host/a/process/y", false},
      {"host/a/process/x", "host/a/process/xy", false},
      {"host", "host/a/process/x", true},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.held << " and " << c.wanted) {
      UnderRepair under_repair;
      under_repair.add(at_work(1, "a", {"host/z", c.held}));
      const auto holder = under_repair.holder_of(c.wanted, 2);
      CHECK(holder.has_value() == c.overlaps);
      if (holder) CHECK(holder->resource == c.held);
      CHECK_FALSE(under_repair.holder_of(c.wanted, 1));  // its own is no obstacle
    }
}

TEST_CASE("what is held by two is held until both let go") {
  UnderRepair under_repair;
  const Incident one = at_work(1, "a", {"host/a/process/x", "host/a/process/x"});
  const Incident two = at_work(2, "a", {"host/a/process/x"});
  under_repair.add(one);
  under_repair.add(two);
  CHECK(under_repair.holder_of("host/a", 1)->incident == 2);
  under_repair.remove(two);
  CHECK_FALSE(under_repair.holder_of("host/a", 1));
  CHECK(under_repair.holder_of("host/a", 3)->incident == 1);
  under_repair.remove(one);
  CHECK(under_repair == UnderRepair{});
}

TEST_CASE("counts by host, group and fleet") {
  UnderRepair under_repair;
  under_repair.add(at_work(1, "a", {}));
  under_repair.add(at_work(2, "b", {}));
  CHECK(under_repair.fleet() == 2);
  CHECK(under_repair.in_group("g") == 2);
  CHECK(under_repair.on_host("a") == 1);
  CHECK(under_repair.on_host("c") == 0);
}
