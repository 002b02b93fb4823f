// The client against real helper processes, and against ones that hang or die.
#include "exporter/files/helper_client.hpp"

#include <dirent.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "exporter/files/file_helper_link.hpp"
#include "exporter/files/file_wire.hpp"
#include "exporter/host/filesystem.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

constexpr const char* kProgram = FIELDMEDIC_BIN_DIR "/fieldmedic-exporter";
const SystemClock kClock;

SteadyTime in(std::chrono::milliseconds budget) {
  return kClock.steady() + budget;
}

FileRequest statfs_of(std::string path) {
  return {.verb = FileVerb::Statfs, .path = std::move(path)};
}

Errc error_of(const Result<FileAnswer>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

// A helper that takes requests and never answers: one that is stuck as a whole.
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

TEST_CASE("file client: real files answer and a missing path says so") {
  const TempTree tree{{{"a", "abc"}}};
  const auto client = make_file_client(kProgram, kClock);
  const std::vector<FileRequest> requests{
      statfs_of("/"),
      statfs_of("/nonexistent/place"),
      {.verb = FileVerb::Read, .path = (tree.root / "a").native(), .bytes = 10},
      {.verb = FileVerb::Digest, .path = (tree.root / "a").native()},
      statfs_of("relative")};
  for (int round = 0; round < 3; ++round) {
    const auto answers = client->ask(requests, in(20s));
    REQUIRE(answers.size() == requests.size());
    REQUIRE(answers[0]);
    CHECK(answers[0]->space.blocks > 0);
    CHECK(error_of(answers[1]) == Errc::NotFound);
    REQUIRE(answers[2]);
    CHECK(answers[2]->bytes == "abc");
    REQUIRE(answers[3]);
    CHECK(answers[3]->bytes.size() == 64);
    CHECK(error_of(answers[4]) == Errc::Invalid);
  }
}

TEST_CASE("file client: more requests than go at once, and the same one twice") {
  const auto client = make_file_client(kProgram, kClock);
  std::vector<FileRequest> requests;
  for (int i = 0; i < 1000; ++i) {
    requests.push_back(statfs_of("/nonexistent/" + std::string(200, 'x') + std::to_string(i)));
  }
  requests.insert(requests.end(), 3, statfs_of("/"));
  const auto answers = client->ask(requests, in(60s));
  for (std::size_t i = 0; i < 1000; ++i) REQUIRE(error_of(answers[i]) == Errc::NotFound);
  for (std::size_t i = 1000; i < 1003; ++i) CHECK(answers[i]);
}

TEST_CASE("file client: what was begun is answered at its end") {
  const auto client = make_file_client(kProgram, kClock);
  const std::vector<FileRequest> requests{statfs_of("/"), statfs_of("relative")};
  const auto begun = client->begin(requests);
  const auto beside = ask_file(*client, statfs_of("/proc"), in(20s));
  CHECK(beside);
  const auto answers = begun->end(in(20s));
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]);
  CHECK(error_of(answers[1]) == Errc::Invalid);
}

TEST_CASE("file client: what was begun and left does not keep the next") {
  const auto client = make_file_client(kProgram, kClock);
  const std::vector<FileRequest> requests{statfs_of("/")};
  (void)client->begin(requests);
  CHECK(eventually([&] { return ask_file(*client, requests.front(), in(1s)).has_value(); }));
}

TEST_CASE("file client: a mount that comes does not make the others look as if they hang") {
  const TempTree tree{{{"proc/1/mounts", "/dev/a / ext4 rw 0 0\n"}, {"root/data/file", ""}}};
  const auto module =
      make_filesystem_module(host_at(tree.root), {}, make_file_client(kProgram, kClock));
  REQUIRE(module);
  const auto errors = [&] {
    double sum = 0;
    const auto families = module->collect(in(20s));
    REQUIRE(families);
    for (const auto& metric : families->front().metric) sum += metric.gauge.value;
    return std::pair{families->front().metric.size(), sum};
  };
  CHECK(errors() == std::pair<std::size_t, double>{1, 0});
  tree.write("proc/1/mounts", "/dev/a / ext4 rw 0 0\n/dev/b /data xfs rw 0 0\n");
  CHECK(errors() == std::pair<std::size_t, double>{2, 0});
}

TEST_CASE("file client: many threads share one helper") {
  const TempTree tree;
  for (int i = 0; i < 8; ++i) tree.write(std::to_string(i), std::string(60'000, char('a' + i)));
  const auto client = make_file_client(kProgram, kClock);
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        const auto answer = ask_file(*client,
                                     {.verb = FileVerb::Read,
                                      .path = (tree.root / std::to_string(i)).native(),
                                      .bytes = kMostReadBytes},
                                     in(60s));
        if (answer && answer->bytes == std::string(60'000, char('a' + i))) ++right;
      }
    });
  }
  threads.clear();
  CHECK(right == 8 * 50);
}

TEST_CASE("file client: the helper holds its socket and /dev/null, and ends when it closes") {
  auto process = FileHelperLink::start(kProgram);
  REQUIRE(process);
  REQUIRE((*process)->send(encode(NumberedRequest{.number = 5, .request = statfs_of("/")})));
  REQUIRE(eventually([&] { return (*process)->receive().has_value(); }));
  CHECK(descriptors_of((*process)->pid()) == 3);
  REQUIRE(shutdown((*process)->socket(), SHUT_RDWR) == 0);  // as our end does when we are killed
  CHECK(eventually([&] { return (*process)->ended(); }));
}

TEST_CASE("file client: a helper that was killed is replaced") {
  const TempTree tree;
  const auto client = make_file_client(kProgram, kClock);
  const auto me = std::to_string(getpid());
  const FileRequest children{
      .verb = FileVerb::Read, .path = "/proc/" + me + "/task/" + me + "/children", .bytes = 4096};
  const auto answer = ask_file(*client, children, in(20s));
  REQUIRE(answer);
  const pid_t helper = std::stoi(answer->bytes);
  REQUIRE(kill(helper, SIGKILL) == 0);
  CHECK(eventually([&] { return ask_file(*client, statfs_of("/"), in(20s)).has_value(); }));
}

TEST_CASE("file client: what hangs is given up at the deadline and not asked again") {
  const TempTree tree;
  const auto client = make_file_client(silent_helper(tree), kClock);
  const std::vector<FileRequest> requests{statfs_of("/a"), statfs_of("/b")};
  const auto first = client->ask(requests, in(100ms));
  CHECK(error_of(first[0]) == Errc::Timeout);
  CHECK(error_of(first[1]) == Errc::Timeout);
  // The same again has nothing to wait for.
  const auto second = client->ask(requests, in(600s));
  CHECK(error_of(second[0]) == Errc::Timeout);
  CHECK(second[0].error().message.find("hangs since") != std::string::npos);
}

TEST_CASE("file client: helpers that are stuck as a whole are replaced, up to a bound") {
  const TempTree tree;
  const auto client = make_file_client(silent_helper(tree), kClock);
  const auto answer = [&] { return ask_file(*client, statfs_of("/a"), in(10ms)); };
  REQUIRE(error_of(answer()) == Errc::Timeout);
  const auto names_a_new_request = [&] {
    return answer().error().message.find("no answer in time") != std::string::npos;
  };
  CHECK(eventually(names_a_new_request));  // with the next helper
}

TEST_CASE("file client: a program that cannot be started is an error") {
  const auto client = make_file_client("/nonexistent/program", kClock);
  const auto answer = ask_file(*client, statfs_of("/"), in(20s));
  CHECK(error_of(answer) == Errc::Unavailable);
  CHECK(answer.error().message.find("/nonexistent/program") != std::string::npos);
}

TEST_CASE("file client: a helper that dies at once ends the call") {
  const auto client = make_file_client("/bin/false", kClock);
  const std::vector<FileRequest> requests{statfs_of("/"), statfs_of("/tmp")};
  const auto answers = client->ask(requests, in(20s));
  CHECK(error_of(answers[0]) == Errc::Unavailable);
  CHECK(error_of(answers[1]) == Errc::Unavailable);
}
