// Which slave may become the active one, and what tells a switch from what another did.
#include "remediator/reach/bonds.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include "remediator/reach/route_switch.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

LinkFacts link(unsigned index, const std::string& name) {
  return {index, name, true, 0, {}, {}};
}

LinkFacts slave(unsigned index, const std::string& name, unsigned master, bool is_up = true) {
  return {index, name, true, master, {}, SlaveFacts{is_up, 0}};
}

Bond bond() {
  return {"bond0", true, false, "eth0", "", {{"eth0", true, 0}, {"eth1", true, 0}}};
}

RouteSwitch planned() {
  RouteSwitch made{SwitchBy::Bond, "eth0", {"eth1", ""}};
  made.bond = "bond0";
  return made;
}

}  // namespace

TEST_CASE("bonds: a bond is told among the links of a host") {
  LinkFacts found = link(3, "bond0");
  found.bond = BondFacts{true, 5, 6, true};
  LinkFacts without_carrier = slave(6, "eth1", 3);
  without_carrier.has_carrier = false;
  LinkFacts bridged = link(8, "veth1");
  bridged.master = 3;  // a port of something that is no bond
  const std::vector<LinkFacts> links{link(1, "lo"),
                                     found,
                                     slave(5, "eth0", 3),
                                     without_carrier,
                                     slave(7, "eth2", 3, false),
                                     bridged,
                                     slave(9, "eth3", 4)};
  const auto bond = bond_among(links, "bond0");
  REQUIRE(bond);
  CHECK(*bond == Bond{"bond0",
                      true,
                      true,
                      "eth0",
                      "eth1",
                      {{"eth0", true, 0}, {"eth1", false, 0}, {"eth2", false, 0}}});
  CHECK(bond_among(links, "bond1").error().code == Errc::NotFound);
  CHECK(bond_among(links, "lo").error().code == Errc::Invalid);
  CHECK(bond_among({}, "").error().code == Errc::NotFound);
}

TEST_CASE("bonds: which slave may become the active one") {
  struct Row {
    const char* about;
    void (*change)(Bond& bond);
    const char* refused;  // null: it may
  };
  for (const Row& row : std::initializer_list<Row>{
           {"two slaves that are up", [](Bond&) {}, nullptr},
           {"another mode", [](Bond& bond) { bond.is_active_backup = false; }, "active-backup"},
           {"no slave of it", [](Bond& bond) { bond.slaves.pop_back(); }, "no slave of bond0"},
           {"nothing is active", [](Bond& bond) { bond.active = ""; }, "no slave of bond0 is"},
           {"it is active", [](Bond& bond) { bond.active = "eth1"; }, "already"},
           {"it is down", [](Bond& bond) { bond.slaves[1].can_carry = false; }, "has no link"},
           {"the other is down", [](Bond& bond) { bond.slaves[0].can_carry = false; }, nullptr},
           {"a primary that is taken on failure only", [](Bond& bond) { bond.primary = "eth0"; },
            nullptr},
           {"always, without a primary", [](Bond& bond) { bond.reselects_always = true; }, nullptr},
           {"always, to the primary",
            [](Bond& bond) {
              bond.reselects_always = true;
              bond.primary = "eth1";
              bond.slaves[0].priority = 9;
            },
            nullptr},
           {"always, from the primary",
            [](Bond& bond) {
              bond.reselects_always = true;
              bond.primary = "eth0";
            },
            "eth0 is the primary of bond0"},
           {"always, and the primary is down",
            [](Bond& bond) {
              bond.reselects_always = true;
              bond.primary = "eth0";
              bond.slaves[0].can_carry = false;
            },
            "eth0 is the primary of bond0"},
           {"always, from a higher priority",
            [](Bond& bond) {
              bond.reselects_always = true;
              bond.slaves[1].priority = -1;
            },
            "eth0 is the slave of highest priority of bond0"},
           {"always, to a higher priority",
            [](Bond& bond) {
              bond.reselects_always = true;
              bond.slaves[1].priority = 1;
            },
            nullptr},
           {"a higher priority that is taken on failure only",
            [](Bond& bond) { bond.slaves[0].priority = 9; }, nullptr}}) {
    INFO(row.about);
    Bond changed = bond();
    row.change(changed);
    const auto may = may_become_active(changed, "eth1");
    REQUIRE(may.has_value() == (row.refused == nullptr));
    if (may) continue;
    CHECK(may.error().code == Errc::Conflict);
    INFO(may.error().message);
    CHECK(may.error().message.find(row.refused) != std::string::npos);
  }
}

TEST_CASE("bonds: a switch is told from what another did") {
  struct Row {
    const char* about;
    void (*change)(Bond& bond);
    SwitchState state;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"nothing", [](Bond&) {}, SwitchState::AsFound},
           {"the switch", [](Bond& bond) { bond.active = "eth1"; }, SwitchState::Switched},
           {"a third", [](Bond& bond) { bond.active = "eth2"; }, SwitchState::Other},
           {"none is active", [](Bond& bond) { bond.active = ""; }, SwitchState::Other},
           {"a primary was set", [](Bond& bond) { bond.primary = "eth1"; }, SwitchState::Other},
           {"another mode",
            [](Bond& bond) {
              bond.active = "eth1";
              bond.is_active_backup = false;
            },
            SwitchState::Other}}) {
    INFO(row.about);
    Bond changed = bond();
    row.change(changed);
    CHECK(state_of(planned(), changed) == row.state);
  }
}

TEST_CASE("bonds: a switch is read back from the journal, and those from before bonds too") {
  RouteSwitch made = planned();
  made.primary = "eth2";
  CHECK(parse_switch(switch_json(made)).value() == made);
  const auto before = parse_switch(
      R"({"by":"replace","found":"00","interface":"eth1","gateway":"10.0.0.1","metric":7,"table":254})");
  REQUIRE(before);
  CHECK(*before == RouteSwitch{SwitchBy::Replace, "00", {"eth1", "10.0.0.1"}, 7, 254});
  CHECK_FALSE(parse_switch(R"({"by":"team"})"));
}

}  // namespace fieldmedic
