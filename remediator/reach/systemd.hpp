// systemd's manager, as far as actions need it (org.freedesktop.systemd1(5)).
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// systemd.unit(5): ASCII letters, digits and ":-_.\@", with the type of a service.
[[nodiscard]] bool is_service_name(std::string_view name);
// "orders@.service", of which "orders@2.service" is an instance.
[[nodiscard]] bool is_service_template(std::string_view name);

struct UnitState {
  std::string id;              // the name behind an alias: "ssh.service" for "sshd.service"
  std::string load_state;      // loaded not-found bad-setting error masked
  std::string active_state;    // active reloading inactive failed activating deactivating …
  std::string sub_state;       // running exited dead auto-restart …
  std::string invocation_id;   // 32 hex digits, new with every start; empty when never started
  std::string result;          // of a service: success exit-code signal start-limit-hit …
  std::uint32_t restarts = 0;  // NRestarts: automatic ones since the last manual start
  std::uint32_t job = 0;       // id of a queued or running job, 0 when there is none
  std::string file_state{};    // enabled disabled static …, empty where that cannot be told
  // Units that a stop of it stops too, and those that start it by themselves (sockets, timers).
  std::vector<std::string> tied{};
};

enum class UnitJob { Start, Stop, Restart };

[[nodiscard]] constexpr std::string_view to_string(UnitJob job) {
  switch (job) {
    case UnitJob::Start: return "start";
    case UnitJob::Stop: return "stop";
    case UnitJob::Restart: return "restart";
  }
  return "invalid";
}

// Errors everywhere here. Nothing was changed: Errc::Unavailable (no connection; told to stop or
// out of time before anything was asked for), Denied, NotFound (no such unit), Conflict (masked, or
// another's job is queued), Invalid. The outcome is unknown: Errc::Timeout, Cancelled, Io
// (connection lost, an answer that cannot be read).
class Systemd {
 public:
  virtual ~Systemd() = default;
  // Thread-safe. A unit that does not exist is an answer: load_state "not-found".
  [[nodiscard]] virtual Result<UnitState> unit(const std::string& name,
                                               const std::stop_token& stop) = 0;
  // Lifts start-limit-hit.
  [[nodiscard]] virtual Status reset_failed(const std::string& name,
                                            const std::stop_token& stop) = 0;
  // Queues a job in mode "fail", which never replaces one of someone else, and waits for its end.
  // The answer is systemd's word: done canceled timeout failed dependency skipped.
  [[nodiscard]] virtual Result<std::string> run(UnitJob job, const std::string& name,
                                                std::chrono::milliseconds timeout,
                                                const std::stop_token& stop) = 0;
};

}  // namespace fieldmedic
