// Signals by a real shell, on this machine.
#include "remediator/reach/far_signal.hpp"

#include <unistd.h>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

Result<ProcessResult> look_at_ourselves(const std::string& path) {
  const auto self = read_process("/proc", getpid());
  REQUIRE(self);
  Command command = ask_signal(FarSignal::None, {self->identity});
  const std::vector<std::string> timeout(command.argv.begin(), command.argv.begin() + 4);
  REQUIRE(timeout.front() == "timeout");
  command.argv.erase(command.argv.begin(), command.argv.begin() + 4);
  command.argv.insert(command.argv.begin(), {"/usr/bin/env", "-i", "PATH=" + path});
  command.timeout = std::chrono::seconds(60);
  return LocalProcessRunner().run(command, {});
}

}  // namespace

TEST_CASE("far signal: one whose stat cannot be read is not taken for gone") {
  const auto well = look_at_ourselves("/usr/bin:/bin");
  REQUIRE(well);
  const auto told = parse_signalled(well->out);
  REQUIRE(told);
  CHECK(told->alive == std::vector<pid_t>{getpid()});

  const auto ran = look_at_ourselves("/nowhere");  // no cat
  REQUIRE(ran);
  CHECK_FALSE(parse_signalled(ran->out));
}

}  // namespace fieldmedic
