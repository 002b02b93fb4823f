#include "remediator/reach/zookeeper_helper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <malloc.h>

#include "common/file_descriptor.hpp"
#include "remediator/reach/zookeeper_connection.hpp"
#include "remediator/reach/zookeeper_wire.hpp"

namespace fieldmedic {

namespace {

using Verb = ZookeeperQuestion::Verb;

constexpr int kSocket = 0;
// Above what we have as we start: servers tell lengths of up to 2 GiB.
constexpr rlim_t kMostMemory = rlim_t{512} * 1024 * 1024;

// Bytes of address space; 0: not known.
rlim_t address_space() {
  const FileDescriptor file(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::string text(64, '\0');
  if (!file || read(file.get(), text.data(), text.size() - 1) <= 0) return 0;
  return std::strtoull(text.c_str(), nullptr, 10) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

// We are expected to fail, and then take nothing with us: no memory that others need, no core file.
void be_modest() {
  mallopt(M_ARENA_MAX, 1);
  const FileDescriptor score(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  [[maybe_unused]] const ssize_t written = write(score.get(), "1000", 4);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const rlim_t now = address_space();
  if (now == 0) return;
  const rlimit memory{now + kMostMemory, now + kMostMemory};
  setrlimit(RLIMIT_AS, &memory);
}

bool receive_all(std::string& bytes) {
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t got = recv(kSocket, bytes.data() + have, bytes.size() - have, 0);
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  return true;
}

bool send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(kSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// None: there is no more.
std::optional<ZookeeperQuestion> next_question() {
  std::string text(kFrameHead, '\0');
  if (!receive_all(text)) return std::nullopt;
  const auto size = frame_size(text);
  if (!size) return std::nullopt;
  text.resize(*size);
  if (!receive_all(text)) return std::nullopt;
  auto question = decode_question(text);
  if (!question) return std::nullopt;
  return *std::move(question);
}

Status open(std::optional<ZookeeperConnection>& connection, const ZookeeperQuestion& question) {
  auto opened = ZookeeperConnection::open(question.access, question.timeout, {});
  if (!opened) return fail(std::move(opened.error()));
  connection.emplace(*std::move(opened));
  return {};
}

ZookeeperAnswer answer_of(std::optional<ZookeeperConnection>& connection,
                          const ZookeeperQuestion& question) {
  ZookeeperAnswer answer{.number = question.number};
  if (!connection && question.verb != Verb::Open) {
    answer.done = fail(Errc::Invalid, "ZooKeeper: there is no session");
    return answer;
  }
  switch (question.verb) {
    case Verb::Open: answer.done = open(connection, question); break;
    case Verb::AskQuorum: answer.done = connection->ask_quorum(question.path); break;
    case Verb::Get:
      if (auto node = connection->get(question.path); node)
        answer.node = *std::move(node);
      else
        answer.done = fail(std::move(node.error()));
      break;
    case Verb::Children:
      if (auto names = connection->children(question.path); names)
        answer.names = *std::move(names);
      else
        answer.done = fail(std::move(names.error()));
      break;
    case Verb::Order: answer.done = connection->order(question.orders); break;
  }
  return answer;
}

}  // namespace

void run_zookeeper_helper() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // also in the middle of a question
  prctl(PR_SET_NAME, "zookeeper-help");
  be_modest();
  std::optional<ZookeeperConnection> connection;
  while (const auto question = next_question())
    if (!send_all(encode(answer_of(connection, *question)))) break;
  connection.reset();
  _exit(0);
}

}  // namespace fieldmedic
