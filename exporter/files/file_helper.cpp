#include "exporter/files/file_helper.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string>
#include <string_view>

#include <pthread.h>

#include "exporter/files/file_limits.hpp"
#include "exporter/files/file_wire.hpp"
#include "exporter/files/file_work.hpp"

namespace fieldmedic {
namespace {

constexpr int kSocket = 0;
constexpr std::size_t kStackBytes = 256UL * 1024;  // touched pages count, and few are

struct Shared {
  SystemClock clock;
  std::atomic<int> receiving = 1;  // threads that take the next request, or are about to
  std::atomic<std::size_t> threads = 1;
};

void* serve(void* argument);

// The calling thread may hang in what it does next: somebody else must wait for requests.
void start_successor(Shared& shared) {
  if (shared.threads >= kMostUnderWay + 1) return;
  ++shared.threads;
  ++shared.receiving;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread{};
  if (pthread_create(&thread, &attributes, serve, &shared) != 0) {
    --shared.threads;
    --shared.receiving;
  }
  pthread_attr_destroy(&attributes);
}

std::string answer(std::string_view message, const Clock& clock) {
  const auto numbered = decode_request(message);
  if (!numbered) return {};
  return encode(
      NumberedOutcome{.number = numbered->number, .outcome = perform(numbered->request, clock)});
}

void* serve(void* argument) {
  auto& shared = *static_cast<Shared*>(argument);
  std::array<char, kMostPathBytes + 1024> buffer;
  while (true) {
    const ssize_t length = recv(kSocket, buffer.data(), buffer.size(), 0);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) _exit(length == 0 ? 0 : 1);  // the exporter is gone
    if (--shared.receiving == 0) start_successor(shared);
    const auto reply = answer({buffer.data(), static_cast<std::size_t>(length)}, shared.clock);
    if (reply.empty() || send(kSocket, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) _exit(1);
    ++shared.receiving;
  }
}

}  // namespace

void run_file_helper() {
  prctl(PR_SET_NAME, "file-helper");
  Shared shared;
  serve(&shared);
  _exit(0);
}

}  // namespace fieldmedic
