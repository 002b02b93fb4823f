#include "remediator/reach/far_look.hpp"

#include <csignal>

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("far look: what hangs is killed by its time, also when nobody tells it to end") {
  Command hangs;
  hangs.argv = {"/bin/sh", "-c", "trap '' TERM HUP; echo begun; while :; do sleep 1; done"};
  hangs.timeout = std::chrono::milliseconds(500);
  Command command = killed_in_time(hangs);
  command.timeout = std::chrono::seconds(120);  // what ends it is what is tested
  const auto ran = LocalProcessRunner().run(command, {});
  REQUIRE(ran);
  CHECK(ran->out == "begun\n");
  CHECK(ran->term_signal == SIGKILL);  // timeout(1) ends by it too; sshd says 137
}

TEST_CASE("far look: what ends by itself is as it is") {
  Command ends;
  ends.argv = {"/bin/sh", "-c", "echo \"$1\"; exit 7", "sh", "a b"};
  const auto ran = LocalProcessRunner().run(killed_in_time(ends), {});
  REQUIRE(ran);
  CHECK(ran->exit_code == 7);
  CHECK(ran->out == "a b\n");
  const auto missing = LocalProcessRunner().run(
      killed_in_time({.argv = {"/no/such/program"}, .environment = {}}), {});
  REQUIRE(missing);
  CHECK(missing->exit_code == 127);
}

}  // namespace fieldmedic
