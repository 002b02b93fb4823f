// The statfs client against real helper processes, and against ones that hang or die.
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "exporter/host/statfs_helper.hpp"
#include "exporter/host/statfs_process.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

constexpr const char* kProgram = FIELDMEDIC_BIN_DIR "/fieldmedic-exporter";

SteadyTime in(const Clock& clock, std::chrono::milliseconds budget) {
  return clock.steady() + budget;
}

// A helper that takes requests and never answers, as one that hangs in the kernel does.
std::filesystem::path silent_helper(const TempTree& tree) {
  const auto path = tree.write("silent", "#!/bin/sh\nexec sleep 600 <&0\n");
  chmod(path.c_str(), 0700);
  return path;
}

std::size_t descriptors_of(pid_t pid) {
  std::size_t count = 0;
  const auto folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    (void)entry;
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("statfs client: real file systems answer and a missing path says so") {
  const SystemClock clock;
  const auto client = make_statfs_client(kProgram, clock);
  const std::vector<std::string> paths{"/", "/nonexistent/place", "/proc"};
  for (int round = 0; round < 3; ++round) {
    const auto answers = client->ask(paths, in(clock, 20s));
    REQUIRE(answers);
    REQUIRE((*answers)[0]);
    CHECK((*answers)[0]->blocks > 0);
    CHECK((*answers)[0]->block_size > 0);
    REQUIRE_FALSE((*answers)[1]);
    CHECK((*answers)[1].error().code == Errc::NotFound);
    CHECK((*answers)[2]);
  }
}

TEST_CASE("statfs client: the helper holds its socket and nothing else") {
  const SystemClock clock;
  auto process = StatfsProcess::start(kProgram);
  REQUIRE(process);
  REQUIRE((*process)->send("/"));
  REQUIRE(eventually([&] { return (*process)->receive().has_value(); }));
  CHECK(descriptors_of((*process)->pid()) == 1);
}

TEST_CASE("statfs client: a helper that was killed is replaced") {
  auto process = StatfsProcess::start(kProgram);
  REQUIRE(process);
  kill((*process)->pid(), SIGKILL);
  REQUIRE(eventually([&] {
    const auto answer = (*process)->receive();
    return !answer && answer.error().code == Errc::Unavailable;
  }));
}

TEST_CASE("statfs client: paths that hang are given up at the deadline and not asked again") {
  const TempTree tree;
  const SystemClock clock;
  const auto client = make_statfs_client(silent_helper(tree), clock);
  const std::vector<std::string> paths{"/a", "/b"};
  const auto first = client->ask(paths, in(clock, 600ms));
  REQUIRE(first);
  CHECK((*first)[0].error().code == Errc::Timeout);
  CHECK((*first)[1].error().code == Errc::Timeout);
  // Both are under way with a helper each: the next call has nothing to wait for.
  const auto begun = clock.steady();
  const auto second = client->ask(paths, in(clock, 20s));
  REQUIRE(second);
  CHECK((*second)[0].error().code == Errc::Timeout);
  CHECK(clock.steady() - begun < 10s);
}

TEST_CASE("statfs client: a program that cannot be started is one error") {
  const SystemClock clock;
  const auto client = make_statfs_client("/nonexistent/program", clock);
  const std::vector<std::string> paths{"/"};
  const auto answers = client->ask(paths, in(clock, 20s));
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == Errc::NotFound);
}

TEST_CASE("statfs client: a helper that dies at once fails its paths and ends the call") {
  const SystemClock clock;
  const auto client = make_statfs_client("/bin/false", clock);
  const std::vector<std::string> paths{"/", "/tmp"};
  const auto answers = client->ask(paths, in(clock, 20s));
  if (answers) {
    CHECK_FALSE((*answers)[0]);
    CHECK_FALSE((*answers)[1]);
  }
}
