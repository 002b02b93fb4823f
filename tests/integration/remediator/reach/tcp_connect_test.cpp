// Connecting where this machine has nothing left to connect with.
#include "remediator/reach/tcp_connect.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <optional>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

// No more descriptors than are open now, as long as it lives. Nothing is checked meanwhile: UBSan
// needs descriptors of its own to look at an object's type.
class NoDescriptors {
 public:
  NoDescriptors() {
    const int next = dup(STDERR_FILENO);
    close(next);
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("tcp_connect: no descriptor left is our own trouble, not the host's") {
  const auto waiter = Waiter::start(std::chrono::seconds(60), {});
  REQUIRE(waiter);
  std::optional<Result<FileDescriptor>> connected;
  {
    const NoDescriptors none;
    connected = tcp_connect("127.0.0.1", 1, *waiter);
  }
  REQUIRE_FALSE(*connected);
  CHECK(connected->error().code == Errc::Full);
  CHECK(connected->error().message == "this machine cannot connect: Too many open files");
  const auto refused = tcp_connect("127.0.0.1", 1, *waiter);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::Unavailable);  // nobody listens there
}

}  // namespace fieldmedic
