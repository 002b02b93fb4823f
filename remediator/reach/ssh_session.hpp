// A logged-in SSH connection. Internal to reach/.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/ssh_access.hpp"
#include "remediator/reach/waiter.hpp"

struct ssh_session_struct;
struct ssh_event_struct;
struct ssh_counter_struct;

namespace fieldmedic {

// libssh lets one thread at a time work on a session: each call below, and each on a channel of
// it, is made with mutex() held. Several commands share a session: whoever reads from its socket
// also gets what is meant for the others, and wakes them.
class SshSession {
 public:
  // Connects, holds the host's key against known_hosts_file, logs in by key. Errc::Unavailable:
  // cannot be reached now; Full: no descriptor, memory or way of ours; Denied: the host's key or
  // ours is refused, the message says what to do; Cancelled. Nothing was done over there in any of
  // these cases.
  [[nodiscard]] static Result<std::shared_ptr<SshSession>> connect(const SshAccess& access,
                                                                   const Waiter& waiter);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  [[nodiscard]] std::mutex& mutex() { return mutex_; }

  [[nodiscard]] ssh_session_struct* get() const { return session_; }
  // Handles what has come, at most a bounded part of it, and wakes those that wait. False once the
  // connection is lost.
  bool handle_arrived();
  [[nodiscard]] bool alive() const { return alive_; }
  void give_up() { alive_ = false; }
  // For whoever made libssh read by another way.
  void wake_waiting();
  // Of the socket.
  [[nodiscard]] int descriptor() const;
  [[nodiscard]] short events() const;
  // Why it was lost.
  [[nodiscard]] std::string last_error() const;

  // An eventfd that is written when something was handled.
  void add_waiting(int wake) { waiting_.push_back(wake); }
  void remove_waiting(int wake) { std::erase(waiting_, wake); }

 private:
  explicit SshSession(ssh_session_struct* session);
  [[nodiscard]] Status set_up(const SshAccess& access, int socket);
  [[nodiscard]] Status greet(const SshAccess& access, const Waiter& waiter);
  [[nodiscard]] Status know(const SshAccess& access);
  [[nodiscard]] Status log_in(const SshAccess& access, const Waiter& waiter);
  [[nodiscard]] Status wait(const SshAccess& access, const Waiter& waiter) const;

  std::mutex mutex_;
  ssh_session_struct* session_;
  ssh_event_struct* event_ = nullptr;
  std::unique_ptr<ssh_counter_struct> counter_;
  std::uint64_t bytes_seen_ = 0;  // at the last wake, as alive_seen_
  bool alive_ = true;
  bool alive_seen_ = true;
  std::vector<int> waiting_;
};

}  // namespace fieldmedic
