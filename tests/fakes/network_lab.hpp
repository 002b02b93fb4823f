// Two hosts of this process alone, as network namespaces, and real TCP between them.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <sched.h>

#include "common/file_descriptor.hpp"
#include "common/process_runner.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

// The calling thread lives in the near host as long as the lab does, and so do the threads and
// programs that it starts. Two veth pairs lead to the far host: telecom (10.78.0.2, the far end is
// 10.78.0.1) with the default route, unicom (10.79.0.2, 10.79.0.1) with one of a higher metric. The
// far host is 10.9.0.1 too. Nothing of it is seen outside.
class NetworkLab {
 public:
  NetworkLab() : home_(namespace_of_thread()) {
    if (unshare(CLONE_NEWNET) != 0) {
      puts("SKIP: network namespaces of its own need root");
      return;
    }
    far_ = namespace_of_thread();
    unshare(CLONE_NEWNET);
    near_ = namespace_of_thread();
    ready_ = build();
    if (!ready_) puts("SKIP: this machine cannot join network namespaces by veth pairs (iproute2)");
  }
  ~NetworkLab() { setns(home_.get(), CLONE_NEWNET); }
  NetworkLab(const NetworkLab&) = delete;
  NetworkLab& operator=(const NetworkLab&) = delete;

  // False: not possible here, and that was said.
  [[nodiscard]] bool ready() const { return ready_; }

  // Whether a program succeeds on the near host.
  [[nodiscard]] static bool run(std::vector<std::string> argv) {
    LocalProcessRunner runner;
    const auto result = runner.run({.argv = std::move(argv), .environment = {}}, {});
    return result && result->exit_code == 0 && result->term_signal == 0;
  }

  // Whether it succeeds on the far host.
  [[nodiscard]] bool run_far(std::vector<std::string> argv) const {
    setns(far_.get(), CLONE_NEWNET);
    const bool done = run(std::move(argv));
    setns(near_.get(), CLONE_NEWNET);
    return done;
  }

  // What `make` makes there, such as a program that is to run on the far host.
  template <class Make>
  [[nodiscard]] auto on_far(Make make) const {
    setns(far_.get(), CLONE_NEWNET);
    auto made = make();
    setns(near_.get(), CLONE_NEWNET);
    return made;
  }

  // The far host throws away every twentieth packet that comes by telecom, until heal(): loss that
  // the near host's TCP sees, which a drop of its own would not be. False: no nftables here.
  [[nodiscard]] bool lose_packets() const {
    return run_far({"nft", "add table inet lab"}) &&
           run_far({"nft", "add chain inet lab in { type filter hook input priority 0; }"}) &&
           run_far({"nft",
                    "add rule inet lab in iifname far0 meta l4proto tcp numgen inc mod 20 0 "
                    "drop"});
  }
  [[nodiscard]] bool heal() const { return run_far({"nft", "flush ruleset"}); }

  // A TCP socket that listens on the far host at `port`, on all of its addresses.
  [[nodiscard]] FileDescriptor listen_far(std::uint16_t port) const {
    setns(far_.get(), CLONE_NEWNET);
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    setns(near_.get(), CLONE_NEWNET);
    const auto address = address_of("0.0.0.0", port);
    REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(socket.get(), 512) == 0);
    return socket;
  }

  static sockaddr_in address_of(const char* text, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
  }

 private:
  static FileDescriptor namespace_of_thread() {
    return FileDescriptor(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }
  [[nodiscard]] bool build() const {
    const auto far = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(far_.get());
    bool built = run({"ip", "link", "set", "lo", "up"});
    for (const std::string n : {"0", "1"}) {
      const std::string name = n == "0" ? "telecom" : "unicom";
      const std::string net = n == "0" ? "10.78.0." : "10.79.0.";
      built = built &&
              run({"ip", "link", "add", name, "type", "veth", "peer", "name", "far" + n, "netns",
                   far}) &&
              run({"ip", "addr", "add", net + "2/24", "dev", name}) &&
              run({"ip", "link", "set", name, "up"}) &&
              run_far({"ip", "addr", "add", net + "1/24", "dev", "far" + n}) &&
              run_far({"ip", "link", "set", "far" + n, "up"}) &&
              run({"ip", "route", "add", "default", "via", net + "1", "metric",
                   n == "0" ? "100" : "200"});
    }
    return built && run_far({"ip", "link", "set", "lo", "up"}) &&
           run_far({"ip", "addr", "add", "10.9.0.1/32", "dev", "lo"});
  }

  FileDescriptor home_;
  FileDescriptor far_;
  FileDescriptor near_;
  bool ready_ = false;
};

// One connection, both of its ends. What goes wrong fails the test.
class LabConnection {
 public:
  // From the near host, with its own address `from` unless that is empty, to where `listener`
  // listens.
  LabConnection(const FileDescriptor& listener, const char* to, std::uint16_t port,
                const char* from = "")
      : client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (*from != '\0') {
      const auto own = NetworkLab::address_of(from, 0);
      REQUIRE(bind(client.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    }
    const auto address = NetworkLab::address_of(to, port);
    REQUIRE(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    server = FileDescriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(server);
    constexpr int kOn = 1;
    setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  }

  // Sends that many bytes from the near host, 1,000 at a time, and takes them on the far one.
  void send(std::size_t bytes) const {
    std::vector<char> buffer(1000);
    std::size_t taken = 0;
    for (std::size_t sent = 0; sent < bytes;) {
      const auto part = std::min(buffer.size(), bytes - sent);
      REQUIRE(::send(client.get(), buffer.data(), part, MSG_NOSIGNAL) ==
              static_cast<ssize_t>(part));
      sent += part;
      taken += take(buffer, MSG_DONTWAIT);
    }
    while (taken < bytes) {
      pollfd readable{.fd = server.get(), .events = POLLIN, .revents = 0};
      REQUIRE(poll(&readable, 1, 60'000) == 1);
      taken += take(buffer, 0);
    }
  }

  // What the kernel has counted for the near end.
  [[nodiscard]] tcp_info info() const {
    tcp_info info{};
    socklen_t size = sizeof info;
    REQUIRE(getsockopt(client.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
    return info;
  }

  FileDescriptor client;
  FileDescriptor server;

 private:
  std::size_t take(std::vector<char>& buffer, int flags) const {
    const auto got = recv(server.get(), buffer.data(), buffer.size(), flags);
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
};

}  // namespace fieldmedic
