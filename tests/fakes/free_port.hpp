// A port of loopback for a program that must be told one.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"

namespace fieldmedic {

// A socket of that kind is bound to it on loopback.
[[nodiscard]] inline FileDescriptor bound_to(int kind, int port) {
  FileDescriptor socket(::socket(AF_INET, kind | SOCK_CLOEXEC, 0));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  return bound ? std::move(socket) : FileDescriptor();
}

// Held until this process ends: no other test is given the port meanwhile (scripts/loop/ports.py
// takes the same names).
[[nodiscard]] inline FileDescriptor claim_of(int port) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string text = "fieldmedic-port-" + std::to_string(port);
  text.copy(name.sun_path + 1, text.size());  // an abstract name: it leaves nothing behind
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool held = bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0;
  return held ? std::move(socket) : FileDescriptor();
}

// Nobody listens on it now, nor will another test before its program does: it lies below what the
// kernel gives to connections and to those who ask for any port. Free for UDP too. 0 when there is
// none. Thread-safe.
[[nodiscard]] inline int free_port() {
  static std::mutex mutex;
  static std::vector<FileDescriptor> claims;
  const std::lock_guard lock(mutex);
  std::random_device random;
  for (int tries = 0; tries < 1'000; ++tries) {
    const int port = std::uniform_int_distribution(20'000, 31'999)(random);
    FileDescriptor claim = claim_of(port);
    if (!claim || !bound_to(SOCK_STREAM, port) || !bound_to(SOCK_DGRAM, port)) continue;
    claims.push_back(std::move(claim));
    return port;
  }
  return 0;
}

}  // namespace fieldmedic
