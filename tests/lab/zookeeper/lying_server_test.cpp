// Servers that take a session and then break the protocol, or let its helper be killed: the session
// is lost, the process that asked for it is not.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "common/file_descriptor.hpp"
#include "remediator/reach/zookeeper.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/remediator_program.hpp"

namespace fieldmedic {

namespace {

using std::chrono::seconds;

std::string int32_of(std::uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift & 0xFFU);
  return bytes;
}

std::string framed(const std::string& text) {
  return int32_of(static_cast<std::uint32_t>(text.size())) + text;
}

// Of protocol 0, with a session of 6 s, its id and its password.
std::string session() {
  return framed(int32_of(0) + int32_of(6'000) + std::string(8, '\1') + int32_of(16) +
                std::string(16, 'p') + std::string(1, '\0'));
}

// To the request that begins with `xid`: done, by transaction 5.
std::string answer_to(const std::string& xid, const std::string& body) {
  return framed(xid + std::string(7, '\0') + '\5' + int32_of(0) + body);
}

// A node that holds "own".
std::string node_for(const std::string& xid) {
  constexpr std::size_t kStat = 68;
  return answer_to(xid, int32_of(3) + "own" + std::string(kStat, '\0'));
}

// Nothing but lengths.
std::string lengths_for(const std::string& xid) {
  std::string lengths;
  for (int count = 0; count < 8; ++count) lengths += int32_of(0x7FFFFFFF);
  return answer_to(xid, lengths);
}

// That a node was made, without its path: the C client reads from nowhere.
std::string event_for(const std::string&) {
  constexpr std::uint32_t kOfEvents = 0xFFFFFFFF;
  constexpr std::uint32_t kNoText = 0xFFFFFFFF;
  return answer_to(int32_of(kOfEvents), int32_of(1) + int32_of(3) + int32_of(kNoText));
}

// To a request that nobody made: the C client aborts.
std::string stray() {
  return answer_to(int32_of(77), "");
}

struct MadeUpServer {
  std::string greeting = session();
  std::function<std::string(const std::string& xid)> answer;
};

void send_all(int socket, const std::string& text) {
  static_cast<void>(send(socket, text.data(), text.size(), MSG_NOSIGNAL));
}

// What the client sends next, without its length; empty: it has gone. The two come apart.
std::string next_frame(int socket) {
  std::string head(4, '\0');
  if (recv(socket, head.data(), head.size(), MSG_WAITALL) != 4) return {};
  std::size_t size = 0;
  for (const char byte : head) size = size << 8U | static_cast<unsigned char>(byte);
  std::string frame(std::min<std::size_t>(size, 4096), '\0');
  const ssize_t got = recv(socket, frame.data(), frame.size(), MSG_WAITALL);
  return got == static_cast<ssize_t>(frame.size()) ? frame : std::string();
}

// One client, until it goes.
void serve(int listener, const MadeUpServer& server) {
  const FileDescriptor client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (next_frame(client.get()).empty()) return;
  send_all(client.get(), server.greeting);
  for (std::string frame = next_frame(client.get()); frame.size() >= 8;
       frame = next_frame(client.get()))
    send_all(client.get(), server.answer(frame.substr(0, 4)));
}

// What became of a node that was asked for.
Result<ZookeeperNode> ask(const MadeUpServer& server) {
  const LoopbackListener listener;
  listener.listen(1);
  const std::jthread thread(serve, listener.descriptor(), server);
  auto opened =
      ZookeeperSession::open({{listener.address()}, "", ""}, kRemediator, seconds(100), {});
  if (!opened) {
    shutdown(listener.descriptor(), SHUT_RDWR);  // nobody may have come
    return fail(opened.error());
  }
  return opened->get("/leader");
}

std::string words_of(const Result<ZookeeperNode>& node) {
  return node ? node->data : node.error().message;
}

void kill_children_of_this_process() {
  const std::string me = std::to_string(getpid());
  std::ifstream children("/proc/" + me + "/task/" + me + "/children");
  for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
}

}  // namespace

TEST_CASE("zookeeper: a length without what it is of is no answer") {
  const auto node = ask({.answer = lengths_for});
  INFO(words_of(node));
  REQUIRE_FALSE(node);
  CHECK(node.error().code == Errc::Timeout);
}

TEST_CASE("zookeeper: a server that ends the client ends the helper, and the next one serves") {
  SECTION("in the middle of a question") {
    const auto node = ask({.answer = event_for});
    REQUIRE_FALSE(node);
    CHECK(node.error().code == Errc::Io);
    CHECK(node.error().message.starts_with("ZooKeeper: the process that asks it "));
  }
  SECTION("at any time") {
    // Once the node is asked for, the client takes what is stray for a broken connection.
    const auto aborts = [] {
      const auto node = ask({.greeting = session() + stray(), .answer = lengths_for});
      return !node && node.error().message.ends_with("signal 6 before it answered") &&
             (node.error().code == Errc::Io || node.error().code == Errc::Unavailable);
    };
    CHECK(eventually(aborts, seconds(60)));
  }
  const auto next = ask({.answer = node_for});
  INFO(words_of(next));
  REQUIRE(next);
  CHECK(next->data == "own");
}

TEST_CASE("zookeeper: a helper that is killed in the middle of a question did not answer it") {
  const auto node = ask({.answer = [](const std::string&) {
    kill_children_of_this_process();
    return std::string();
  }});
  REQUIRE_FALSE(node);
  CHECK(node.error().code == Errc::Io);
  CHECK(node.error().message.ends_with("was ended by signal 9 before it answered"));
  const auto next = ask({.answer = node_for});
  INFO(words_of(next));
  CHECK(next);
}

}  // namespace fieldmedic
