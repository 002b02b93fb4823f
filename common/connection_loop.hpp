// Accepts connections and gives each a thread of its own.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "common/connection_watch.hpp"
#include "common/listen_socket.hpp"

namespace fieldmedic {

struct ConnectionBounds {
  std::size_t limit = 256;               // connections at once; each costs a thread's stack
  std::chrono::milliseconds patience{};  // for the first bytes of a new connection
};

// Runs from construction to destruction, which waits for every connection to end: readers at once,
// handlers when they are done. When the limit is reached, the connection that has waited longest
// for its peer makes room, so that silent peers keep nobody out.
class ConnectionLoop {
 public:
  // Called on the connection's thread; the connection closes when it returns.
  using Serve = std::function<void(WatchedSocket& socket)>;

  ConnectionLoop(ListenSocket listening, ConnectionBounds bounds, Serve serve);
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  [[nodiscard]] int port() const { return listening_.port; }

 private:
  enum class Accepted { Yes, NoDescriptors };

  void run();
  [[nodiscard]] Accepted accept_one();
  void start_thread(std::unique_ptr<WatchedSocket> socket);
  void join_ended();

  const ListenSocket listening_;
  const ConnectionBounds bounds_;
  const Serve serve_;
  ConnectionWatch watch_;
  std::map<ConnectionWatch::Id, std::thread> threads_;  // of the loop's own thread only
  std::thread loop_;
};

}  // namespace fieldmedic
