// A session whose helper fails in every way: an error of its kind, never an answer; and the real
// helper, which goes when it is told to or when whoever started it ends.
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "common/helper_process.hpp"
#include "remediator/actions/held_node.hpp"
#include "remediator/reach/zookeeper.hpp"
#include "remediator/reach/zookeeper_helper.hpp"
#include "remediator/reach/zookeeper_wire.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/remediator_program.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ZookeeperAccess kAccess{{"127.0.0.1:1"}, "", ""};

// A helper that says `frames` when it is asked for the first time, and then does `rest`.
std::filesystem::path helper(const TempTree& tree, const std::string& frames,
                             const std::string& rest) {
  const auto said = tree.write("frames", frames);
  const auto path = tree.write("helper", "#!/bin/sh\n/usr/bin/head -c 1 <&0 >/dev/null\n/bin/cat " +
                                             said.native() + " >&0\n" + rest + "\n");
  chmod(path.c_str(), 0700);
  return path;
}

std::string done(std::uint64_t number) {
  return encode(ZookeeperAnswer{.number = number});
}

Error open_error(const std::filesystem::path& program, milliseconds timeout,
                 const std::stop_token& stop = {}) {
  const auto session = ZookeeperSession::open(kAccess, program, timeout, stop);
  REQUIRE_FALSE(session);
  return session.error();
}

struct Failure {
  std::string frames;  // after the one that opens the session
  std::string rest;
  Errc code;
  std::string words;
};

const Failure kFailures[] = {
    {"", "exit 3", Errc::Io, "exited with 3 before it answered"},
    {"", "kill -9 $$", Errc::Io, "was ended by signal 9 before it answered"},
    {done(2).substr(0, 20), "exit 0", Errc::Io, "exited with 0 before it answered"},
    {"", "exec /usr/bin/yes >&0", Errc::Malformed, "no message of ours"},
    {done(3), "exec /bin/sleep 600", Errc::Malformed, "answered something else"},
    {std::string("\0\0\0\2{}", 6), "exec /bin/sleep 600", Errc::Malformed, "no message of ours"},
};

}  // namespace

TEST_CASE("zookeeper session: without its helper there is none") {
  const TempTree tree;
  CHECK(open_error("/no/such/program", seconds(60)).code == Errc::Unavailable);
  for (const Failure& failure : kFailures) {
    INFO(failure.words);
    // Said to the first question instead of the second.
    const auto error = open_error(helper(tree, failure.frames, failure.rest), seconds(60));
    CHECK(error.code == Errc::Unavailable);
  }
  const auto silent = helper(tree, "", "exec /bin/sleep 600");
  CHECK(open_error(silent, milliseconds(50)) ==
        Error{Errc::Unavailable, "ZooKeeper: no session with any of 127.0.0.1:1"});
  std::stop_source stop;
  stop.request_stop();
  CHECK(open_error(silent, seconds(60), stop.get_token()).code == Errc::Cancelled);
}

TEST_CASE("zookeeper session: a helper that fails later did not answer") {
  for (const Failure& failure : kFailures) {
    INFO(failure.words);
    const TempTree tree;
    auto session = ZookeeperSession::open(
        kAccess, helper(tree, done(1) + failure.frames, failure.rest), seconds(60), {});
    REQUIRE(session);
    const auto changed =
        session->order({{ZookeeperOrder::Deed::Set, "/a", std::string(10'000, 'x'), 1, {}}});
    REQUIRE_FALSE(changed);
    CHECK(changed.error().code == failure.code);
    CHECK(changed.error().message.contains(failure.words));
    const auto node = session->get("/a");
    REQUIRE_FALSE(node);
    CHECK(node.error().code == Errc::Io);  // it is not started again
  }
}

TEST_CASE("zookeeper session: a helper that is silent is left when we are told to stop") {
  const TempTree tree;
  std::stop_source stop;
  auto session = ZookeeperSession::open(kAccess, helper(tree, done(1), "exec /bin/sleep 600"),
                                        seconds(60), stop.get_token());
  REQUIRE(session);
  stop.request_stop();
  const auto names = session->children("/");
  REQUIRE_FALSE(names);
  CHECK(names.error().code == Errc::Cancelled);
}

TEST_CASE("zookeeper session: only the answer that a node is not there proves that") {
  const TempTree tree;
  const HeldNode held{kAccess, "/leader/orders", ""};
  const auto gone = encode(ZookeeperAnswer{.number = 3, .done = fail(Errc::NotFound, "no node")});
  const auto asked = [&](const std::string& frames, const std::string& rest = "exit 0") {
    return ask_held_node(held, helper(tree, frames, rest), seconds(60), {}).absence;
  };
  CHECK(asked(done(1) + done(2) + gone, "exec /bin/sleep 600") == Absence::Proved);
  CHECK(asked(done(1) + done(2) + gone.substr(0, gone.size() - 1)) == Absence::Unknown);
  CHECK(asked(done(1) + done(2)) == Absence::Unknown);
  CHECK(asked(done(1)) == Absence::Unknown);
  CHECK(asked("") == Absence::Unknown);
}

namespace {

HelperProgram real_helper() {
  return {.program = kRemediator,
          .name = "fieldmedic-remediator",
          .verb = std::string(kZookeeperHelperVerb),
          .socket = HelperProgram::Socket::Stream};
}

long descriptors_of(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return std::distance(begin(all), end(all));
}

}  // namespace

TEST_CASE("zookeeper helper: it holds its socket and /dev/null, and goes when it is told to") {
  const auto process = HelperProcess::start(real_helper());
  REQUIRE(process);
  CHECK(eventually([&] { return descriptors_of((*process)->pid()) == 3; }, seconds(60)));
  CHECK((*process)->dismiss(seconds(60)));
  CHECK((*process)->last_words() == "exited with 0");
}

TEST_CASE("zookeeper helper: it goes with whoever started it, also in the middle of a question") {
  const LoopbackListener silent;
  silent.listen(1);
  std::unique_ptr<HelperProcess> process;
  std::jthread([&] {
    auto started = HelperProcess::start(real_helper());
    if (!started) return;
    process = *std::move(started);
    const auto question = encode(ZookeeperQuestion{.verb = ZookeeperQuestion::Verb::Open,
                                                   .access = {{silent.address()}, "", ""},
                                                   .timeout = std::chrono::minutes(10)});
    if (send(process->socket(), question.data(), question.size(), MSG_NOSIGNAL) < 0) return;
    const FileDescriptor asked(accept4(silent.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
  }).join();
  REQUIRE(process);
  CHECK(eventually([&] { return process->ended(); }, seconds(60)));
}

}  // namespace fieldmedic
