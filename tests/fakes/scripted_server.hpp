// A server on loopback that says what it was told to.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

// Answers each connection with the next of the scripted texts (the last repeats), after a whole
// request has come, and remembers what it was sent. An empty answer closes without a word.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers)
      : answers_(std::move(answers)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(listener_.get(), generic, size) == 0);
    REQUIRE(listen(listener_.get(), 16) == 0);
    REQUIRE(getsockname(listener_.get(), generic, &size) == 0);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~ScriptedServer() {
    thread_.request_stop();
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
  }
  // What came so far, over all connections.
  [[nodiscard]] std::string received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

  int port = 0;
  std::atomic<int> connections = 0;

 private:
  void run(const std::stop_token& stop) {
    std::vector<UniqueFd> open;  // kept until the end, so that a client may reuse them
    while (!stop.stop_requested()) {
      UniqueFd peer(accept(listener_.get(), nullptr, nullptr));
      if (!peer) continue;
      const auto turn = static_cast<std::size_t>(connections++);
      char buffer[8192];
      std::string request;
      while (!request.contains("\r\n\r\n")) {
        const auto got = recv(peer.get(), buffer, sizeof buffer, 0);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
      }
      const auto& answer = answers_[std::min(turn, answers_.size() - 1)];
      {
        const std::lock_guard lock(mutex_);
        received_ += request;
      }
      if (answer.empty()) continue;
      send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      open.push_back(std::move(peer));
    }
  }

  std::vector<std::string> answers_;
  UniqueFd listener_;
  std::mutex mutex_;
  std::string received_;
  std::jthread thread_;
};

}  // namespace fieldmedic
