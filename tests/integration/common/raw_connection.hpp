// A TCP connection to a server under test that can send what no HTTP client would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace fieldmedic {

class RawConnection {
 public:
  explicit RawConnection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd_.reset();
  }

  // False once the peer has closed or reset.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Appends what arrives within `wait`; false when the peer has closed.
  bool receive(std::chrono::milliseconds wait) {
    pollfd ready{fd_.get(), POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(wait.count())) == 0) return true;
    char buffer[4096];
    const auto got = recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got > 0) received.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

  // Everything until the peer closes; what came in 60 s if it does not.
  std::string read_to_end() {
    for (int i = 0; i < 6'000; ++i) {
      if (!receive(std::chrono::milliseconds(10))) break;
    }
    return received;
  }

  // Until `text` has arrived or the peer has closed.
  bool read_until(std::string_view text) {
    for (int i = 0; i < 6'000 && !received.contains(text); ++i) {
      if (!receive(std::chrono::milliseconds(10))) break;
    }
    return received.contains(text);
  }

  std::string received;

 private:
  UniqueFd fd_;
};

}  // namespace fieldmedic
