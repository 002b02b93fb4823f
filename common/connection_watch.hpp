// Bounds how long and how many connections of a server wait for their peers: a peer that is silent,
// slow, or one of too many, loses its connection.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/unique_fd.hpp"

namespace fieldmedic {

// Thread-safe. Ending a connection means shutting its socket down, which wakes the thread that
// reads or writes there. One thread asks make_room, end_overdue and take_ended, and waits on
// wake_fd().
class ConnectionWatch {
 public:
  using Id = std::uint64_t;

  explicit ConnectionWatch(std::size_t limit);

  // Open, and waiting for its peer for at most `patience`. The socket stays open until remove().
  [[nodiscard]] Id add(int socket, std::chrono::milliseconds patience);
  void remove(Id id);
  // From now on the peer has `patience`, until armed anew or disarmed (the time is ours).
  void arm(Id id, std::chrono::milliseconds patience);
  void disarm(Id id);

  // Whether one more may be added. If not, the connection that has waited longest is ended, and
  // wake_fd() becomes readable when there may be room.
  [[nodiscard]] bool make_room();
  // Ends what waited too long; answers how long to wait before asking again (a second at most while
  // there are connections).
  [[nodiscard]] std::chrono::milliseconds end_overdue();
  // Those removed since it was last asked.
  [[nodiscard]] std::vector<Id> take_ended();

  // From now on nothing is read, and no peer gets more than a second to take its answer.
  void stop();
  [[nodiscard]] bool stopping() const { return stopping_; }

  [[nodiscard]] int wake_fd() const { return wake_.get(); }
  void drain_wake();

 private:
  enum class State { Busy, Waiting, Ended };
  struct Entry {
    int socket = -1;
    State state = State::Waiting;
    SteadyTime since;
    SteadyTime deadline;
  };

  void wait_from_now(Entry& entry, std::chrono::milliseconds patience);
  void end(Entry& entry);
  void wake();

  SystemClock clock_;
  const std::size_t limit_;
  UniqueFd wake_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // of all that follows
  std::map<Id, Entry> entries_;
  std::vector<Id> ended_;
  Id next_id_ = 0;
  bool wants_room_ = false;
};

// A connected socket under watch for as long as it is open.
class WatchedSocket {
 public:
  WatchedSocket(UniqueFd socket, std::string remote, ConnectionWatch& watch,
                std::chrono::milliseconds patience)
      : socket_(std::move(socket)),
        remote_(std::move(remote)),
        watch_(watch),
        id_(watch.add(socket_.get(), patience)) {}
  ~WatchedSocket() { watch_.remove(id_); }
  WatchedSocket(const WatchedSocket&) = delete;
  WatchedSocket& operator=(const WatchedSocket&) = delete;

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const std::string& remote() const { return remote_; }  // "127.0.0.1:40312"
  [[nodiscard]] ConnectionWatch::Id id() const { return id_; }
  [[nodiscard]] bool server_stops() const { return watch_.stopping(); }
  void arm(std::chrono::milliseconds patience) { watch_.arm(id_, patience); }
  void disarm() { watch_.disarm(id_); }

 private:
  UniqueFd socket_;  // closed after remove(): the watch never touches another's descriptor
  std::string remote_;
  ConnectionWatch& watch_;
  ConnectionWatch::Id id_;
};

}  // namespace fieldmedic
