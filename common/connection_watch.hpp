// Keeps HTTP connections from holding civetweb's threads, of which each serves one connection until
// it closes. civetweb bounds only the silence between two bytes, so a peer that sends one byte now
// and then would hold a thread for ever; and idle connections would keep new ones out.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "common/clock.hpp"

namespace fieldmedic {

// Thread-safe. Knows connections by their peer ("127.0.0.1:40312"); their sockets are looked up in
// /proc/self/fd only when one is overdue or the server stops.
class ConnectionWatch {
 public:
  // `kept`: how many connections may stay open after an answer.
  ConnectionWatch(std::chrono::milliseconds patience, int kept);
  // Only connections accepted on this port are touched; none until it is set.
  void set_local_port(int port);

  void opened() { ++open_; }
  void closed(const void* connection);
  // More are open than may be kept: an answer should close its connection.
  [[nodiscard]] bool crowded() const { return open_ > kept_; }

  // From now on the peer has `patience` until it is armed anew or disarmed.
  void arm(const void* connection, std::string_view peer);
  void disarm(const void* connection);

  // Ends the waiting of every thread that reads from a peer, and of the one that accepts.
  void stop_reading();

 private:
  struct Entry {
    std::string peer;
    SteadyTime deadline;
  };

  void run(const std::stop_token& stop);
  void end_overdue();

  SystemClock clock_;
  std::chrono::milliseconds patience_;
  int kept_;
  std::atomic<int> open_ = 0;
  std::mutex mutex_;
  int local_port_ = 0;  // guarded, as is waiting_
  std::condition_variable_any stopped_;
  std::map<const void*, Entry> waiting_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace fieldmedic
