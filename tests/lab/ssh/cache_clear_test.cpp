// cache_clear on a host over SSH, against a real sshd: the host over there is this machine.
#include "remediator/actions/cache_clear.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "remediator/reach/ssh_connection.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/ssh_host.hpp"

namespace fieldmedic {

TEST_CASE("cache_clear over SSH empties the declared folder once, and follows no link out of it") {
  using core::Applied;
  using core::Confirmed;
  namespace fs = std::filesystem;
  if (const std::string why = SshHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << '\n';
    return;
  }
  const SshHost host{SshHost::Home::Own};
  REQUIRE(host.up);
  const TempTree tree{{{"cache/a", "1"}, {"cache/deep/b", "2"}, {"kept/c", "3"}}};
  fs::create_symlink(tree.root / "kept", tree.root / "cache/link");
  FakeRunner here;
  FakeSystemd systemd;
  const SystemClock clock;
  const auto action = [&](const fs::path& path) {
    ActionTools tools{here, clock, far_inventory_of({}), {"/nowhere", "/sys", "/"}, systemd};
    tools.far = far_hosts_of(std::make_shared<SshConnection>(host.access, clock));
    const nlohmann::json arguments{{"paths", {path.string(), (tree.root / "none").string()}}};
    return make_cache_clear(arguments.dump(), tools).value();
  };
  const auto behind_link = action(tree.root / "cache/link")->plan({kOrders, {}}, {});
  REQUIRE_FALSE(behind_link.has_value());
  CHECK(behind_link.error().code == Errc::Conflict);

  const auto clear = action(tree.root / "cache");
  const auto plan = clear->plan({kOrders, {}}, {});
  INFO((plan ? "" : plan.error().message));
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 1);
  CHECK(plan->resources.size() == 2);
  const ApplyRequest request{own_attempt(), kOrders, *plan, 0, std::chrono::seconds(60)};
  const auto done = clear->apply(request, {});
  INFO(done.evidence);
  CHECK(done.outcome == Applied::Done);
  CHECK(fs::is_empty(tree.root / "cache"));
  CHECK(fs::exists(tree.root / "kept/c"));
  CHECK(clear->confirm(request, {}).answer == Confirmed::Applied);

  // As after a crash between apply and confirm: what came since stays.
  tree.write("cache/new", "");
  CHECK(clear->apply(request, {}).outcome != Applied::Done);
  CHECK(fs::exists(tree.root / "cache/new"));
  CHECK(clear->confirm(request, {}).answer == Confirmed::NotApplied);
  CHECK(here.calls().empty());
}

}  // namespace fieldmedic
