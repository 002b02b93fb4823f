// What a lease keeps others from touching (S14).
#include "remediator/core/guard.hpp"
#include "remediator/core/lease.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

namespace {

constexpr const char* kSick = "host/h1";
constexpr const char* kBalancer = "haproxy/run/admin.sock/collect/h1";

Plan failover() {
  Plan plan = plan_of({"fence"}, kSick);
  plan.resources.emplace_back("host/spare");
  plan.resources.emplace_back(kBalancer);
  plan.lease = LeaseClaim{kSick, WhenAway::Nobody, plan.resources};
  return plan;
}

// h1 was led away from, and its incident is over.
struct FailedOver : Scenario {
  FailedOver() {
    LeaseTerms terms;
    terms.length = 1h;
    terms.unattended = Unattended::Accepted;
    playbook.tiers[0].lease = terms;
    fire();
    fail_checks(1);
    planned(1, failover());
    applied(1);
    confirmed(1);
    hold_and_recover(1);
    REQUIRE(phase(1) == Phase::Recovered);
    REQUIRE(state.find_lease(2) != nullptr);
    playbook.tiers[0].lease.reset();
  }

  // Another incident, which wants these.
  IncidentId wants(std::vector<std::string> resources) {
    auto other = alert("h2");
    other.target.name = "archive";
    give(AlertBatch{{other}, {}});
    const IncidentId id = state.last_incident;
    fail_checks(id);
    Plan plan = plan_of({"start"});
    plan.resources = std::move(resources);
    planned(id, plan);
    return id;
  }
};

}  // namespace

TEST_CASE("lease: all that was changed with it is kept from others") {
  struct Case {
    const char* wanted;
    const char* lease;  // the reason; empty: may be changed
  };
  const Case cases[] = {
      {"host/h1", "lease 2 of incident 1 holds host/h1"},
      {"host/spare", "lease 2 of incident 1 holds host/spare"},
      {"host/spare/process/orders", "lease 2 of incident 1 holds host/spare/process/orders"},
      {kBalancer, "lease 2 of incident 1 holds haproxy/run/admin.sock/collect/h1"},
      {"haproxy/run/admin.sock", "lease 2 of incident 1 holds haproxy/run/admin.sock"},
      {"host/h10", ""},
      {"host/spare2/process/orders", ""},
      {"haproxy/run/admin.sock/collect/h2", ""},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.wanted) {
      FailedOver s;
      const IncidentId id = s.wants({"host/h2/process/archive", c.wanted});
      const bool may = std::string_view(c.lease).empty();
      CHECK(s.phase(id) == (may ? Phase::Acting : Phase::Waiting));
      CHECK(s.state.find(id)->refused_by == (may ? "" : "lease"));
      if (!may) CHECK(s.state.find(id)->reason == c.lease);
    }
}

TEST_CASE("lease: what surrounds a claim of one resource may be changed") {
  Lease lease;
  lease.plan = failover();
  lease.plan.lease->also.clear();
  CHECK(kept_by(lease, {"host/h1/process/orders"}) == nullptr);
  CHECK(kept_by(lease, {"host/spare"}) == nullptr);
  CHECK(kept_by(lease, {"host/spare", kSick}) != nullptr);
}

TEST_CASE("lease: no claim on what its plan does not touch") {
  FailedOver s;
  Tier tier = s.playbook.tiers[0];
  tier.lease = LeaseTerms{};
  tier.lease->unattended = Unattended::Accepted;
  Plan plan = failover();
  CHECK(unfit_lease(plan, tier).empty());
  plan.lease->also.emplace_back("host/other");
  CHECK_FALSE(unfit_lease(plan, tier).empty());
}

TEST_CASE("lease: no undo of another change touches what a lease keeps") {
  FailedOver s;
  LeaseTerms terms;
  terms.length = 1h;
  terms.unattended = Unattended::Accepted;
  s.playbook.tiers[0].lease = terms;
  auto other = s.alert("h2");
  other.target.name = "archive";
  s.give(AlertBatch{{other}, {}});
  const IncidentId id = s.state.last_incident;
  s.fail_checks(id);
  Plan divert = plan_of({"divert"}, "host/h2/divert/spool");
  divert.lease = LeaseClaim{"host/h2/divert/spool", WhenAway::Nobody};
  s.planned(id, divert);
  s.applied(id);
  s.confirmed(id);
  s.hold_and_recover(id);
  const IncidentId second = s.state.last_incident;
  REQUIRE(s.state.find_lease(second) != nullptr);
  s.give(EndLease{second, LeaseOrder::Undo, "ops", "back"});
  const Lease* lease = s.state.find_lease(second);
  REQUIRE(lease->undo);
  Plan back = plan_of({"back"}, "host/h2/divert/spool");
  SECTION("it is put off") {
    back.resources.emplace_back("host/spare/store");
    s.give(Planned{second, lease->undo->id, back, ""});
    CHECK(lease->phase == LeasePhase::Ending);
    CHECK(lease->reason == "lease 2 holds host/spare/store");
    CHECK(s.recorded<UndoIntended>() == 0);
  }
  SECTION("what it does not keep is undone") {
    s.give(Planned{second, lease->undo->id, back, ""});
    CHECK(lease->phase == LeasePhase::Undoing);
  }
}
