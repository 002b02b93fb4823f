#include "remediator/actions/store_sights.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

const ProcessPattern kPattern{"", "/opt/orders", ""};

// A process whose descriptors are yet to be made.
void add_process(const TempTree& host) {
  host.write("41/stat",
             "41 (orders) S 1 41 41 0 -1 4194304 0 0 0 0 1 1 0 0 20 0 1 0 1234 100 10 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  host.write("41/cmdline", std::string("/opt/orders\0-f\0", 15));
  std::filesystem::create_symlink("/opt/orders", host.root / "41/exe");
}

Result<std::vector<pid_t>> holders(const TempTree& host) {
  FakeRunner runner;
  FakeSystemd systemd;
  const ManualClock clock;
  const ActionTools tools{runner, clock, inventory_of({}), {host.root, "/sys", "/"}, systemd};
  const std::stop_token stop;
  const auto users = users_at({tools, nullptr, stop}, kPattern, "/data/orders");
  if (!users) return fail(users.error());
  return users->holders;
}

}  // namespace

TEST_CASE("store sights: a process holds a store while a file below it is open") {
  const TempTree host;
  add_process(host);
  std::filesystem::create_directory(host.root / "41/fd");
  std::filesystem::create_symlink("/data/orders-2/log", host.root / "41/fd/3");
  CHECK(holders(host) == Result<std::vector<pid_t>>(std::vector<pid_t>{}));
  std::filesystem::create_symlink("/data/orders/log (deleted)", host.root / "41/fd/4");
  CHECK(holders(host) == Result<std::vector<pid_t>>(std::vector<pid_t>{41}));
}

TEST_CASE("store sights: open files that cannot be read are not taken for none") {
  const TempTree host;
  add_process(host);
  CHECK(holders(host)->empty());  // it has ended: its descriptors are gone

  host.write("41/fd", "no folder");
  REQUIRE_FALSE(holders(host));
  CHECK(holders(host).error().code == Errc::Io);
  CHECK(holders(host).error().message.starts_with("the open files of pid 41: "));

  std::filesystem::remove(host.root / "41/fd");
  host.write("41/fd/3", "no link");
  REQUIRE_FALSE(holders(host));
  CHECK(holders(host).error().code == Errc::Io);
}

}  // namespace fieldmedic
