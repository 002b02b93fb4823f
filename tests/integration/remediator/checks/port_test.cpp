#include "remediator/checks/port.hpp"

#include <thread>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Verdict;

core::CheckAnswer ask(const std::vector<std::string>& own, std::vector<std::string> ports = {},
                      int timeout_ms = 2000, std::stop_token stop = {}) {
  FakeHttp http;
  CollectorSpec collector;
  collector.ports = std::move(ports);
  const CheckTools tools{http, inventory_of(collector), {}, {}};
  const nlohmann::json arguments{{"addresses", own}, {"timeout_ms", timeout_ms}};
  return (*make_port_check(arguments.dump(), tools))->run(kOrders, std::move(stop));
}

// A listener whose queue is full: the kernel drops further SYNs, so a connection gets no answer.
class SilentListener {
 public:
  SilentListener() {
    listener_.listen(0);
    sockaddr_in to{};
    socklen_t size = sizeof to;
    getsockname(listener_.descriptor(), reinterpret_cast<sockaddr*>(&to), &size);
    for (FileDescriptor& filler : fillers_) {
      filler = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)connect(filler.get(), reinterpret_cast<const sockaddr*>(&to), size);
    }
  }
  [[nodiscard]] std::string address() const { return listener_.address(); }

 private:
  LoopbackListener listener_;
  FileDescriptor fillers_[4];
};

}  // namespace

TEST_CASE("a port check tells listening from refused and from silent") {
  LoopbackListener open;
  open.listen(4);
  const LoopbackListener closed;
  const SilentListener silent;
  CHECK(ask({open.address()}).verdict == Verdict::Pass);
  const auto refused = ask({open.address(), closed.address()});
  CHECK(refused.verdict == Verdict::Fail);
  CHECK(refused.evidence == closed.address() + ": Connection refused");
  const auto late = ask({open.address(), silent.address()}, {}, 100);
  CHECK(late.verdict == Verdict::Fail);
  CHECK(late.evidence == silent.address() + ": no answer in 100ms");
}

TEST_CASE("a port check takes the collector's ports when it has none of its own") {
  LoopbackListener open;
  open.listen(4);
  const LoopbackListener closed;
  CHECK(ask({}, {open.address()}).verdict == Verdict::Pass);
  CHECK(ask({}, {closed.address()}).verdict == Verdict::Fail);
  CHECK(ask({open.address()}, {closed.address()}).verdict == Verdict::Pass);
  CHECK(ask({}, {}).verdict == Verdict::Unknown);
}

TEST_CASE("a port check that cannot try is unknown") {
  CHECK(ask({"not an address"}).verdict == Verdict::Unknown);
  LoopbackListener open;
  open.listen(4);
  CHECK(ask({open.address(), "not an address"}).verdict == Verdict::Unknown);
}

TEST_CASE("a port check ends when it is told to stop") {
  const SilentListener silent;
  std::stop_source source;
  source.request_stop();
  const auto answer = ask({silent.address()}, {}, 60'000, source.get_token());
  CHECK(answer.verdict == Verdict::Unknown);
}

}  // namespace fieldmedic
