// What every remedy looks like: plan → apply → confirm (architecture.md §3, safety.md S1–S3).
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "common/process_runner.hpp"
#include "common/result.hpp"
#include "remediator/core/alert.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/reach/docker_engine.hpp"
#include "remediator/reach/far_hosts.hpp"
#include "remediator/reach/inventory.hpp"
#include "remediator/reach/kubernetes_client.hpp"

namespace fieldmedic {

class ContainerEngine;
class HttpClient;
class Systemd;

struct PlanRequest {
  core::Target target;
  core::LabelMap labels;  // of the alert that opened the incident: hostile input
  // What the incident has changed by actions of this type and holds a lease of, perhaps in part.
  std::vector<core::Plan> made = {};
};

struct UndoRequest {
  core::Target target;
  core::LabelMap labels;    // as for the plan of the change
  core::AttemptId made_by;  // the attempt that made it
  const core::Plan& made;   // as journaled, its change perhaps made in part; valid during the call
  std::vector<std::string> left = {};  // ConfirmAnswer::left of its steps, as far as known
};

struct ApplyRequest {
  core::AttemptId attempt;  // carried to what is changed, so that it can be looked up
  core::Target target;
  const core::Plan& plan;  // as journaled; valid during the call
  std::size_t step = 0;
  std::chrono::milliseconds timeout{30'000};
};

struct ApplyAnswer {
  core::Applied outcome = core::Applied::Unknown;
  std::string
      evidence;  // one line: what was done or why not ("started pid 4711, start time 123456")
};

// The answer of apply to a stop that came before its change.
[[nodiscard]] inline ApplyAnswer cancelled_before_change() {
  return {core::Applied::Refused, "cancelled before anything was changed"};
}

// Whether an error of a supervisor (systemd.hpp, container_engine.hpp) says that it changed
// nothing; with any other the outcome is unknown.
[[nodiscard]] constexpr bool nothing_changed(Errc code) {
  switch (code) {
    case Errc::Unavailable:
    case Errc::Denied:
    case Errc::NotFound:
    case Errc::Conflict:
    case Errc::Full:
    case Errc::Invalid: return true;
    case Errc::Malformed:
    case Errc::Timeout:
    case Errc::TooLarge:
    case Errc::Io:
    case Errc::Cancelled: return false;
  }
  return false;
}

struct ConfirmAnswer {
  core::Confirmed answer = core::Confirmed::Unknown;
  std::string evidence;
  // With Applied, of a temporary change: a JSON object by which plan_undo knows again what was
  // changed, where the plan could not say so (an invocation id). Empty: it can.
  std::string left = {};
};

// One instance serves one incident's tier; the calls come one at a time, from any thread.
class Action {
 public:
  virtual ~Action() = default;

  // Reads the world and writes down what it saw, the absolute state wanted and every resource
  // touched. Changes nothing. Errc::Invalid, NotFound, Denied, Conflict: this remedy does not fit
  // here (the tier is given up with the message as its reason). Unavailable, Timeout, Io: the world
  // cannot be read.
  [[nodiscard]] virtual Result<core::Plan> plan(const PlanRequest& request,
                                                std::stop_token stop) = 0;

  // Makes the one change of plan.steps[step], after comparing the world with what plan saw;
  // WorldDiffers when it is another, so that it is planned anew.
  // Returns within request.timeout, or soon after `stop` is requested; changes nothing once it is.
  [[nodiscard]] virtual ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) = 0;

  // Reads again whether the step's wanted state is there and whether the attempt has ended. Changes
  // nothing. Works from the request alone, after a crash as well.
  [[nodiscard]] virtual ConfirmAnswer confirm(const ApplyRequest& request,
                                              std::stop_token stop) = 0;

  // For a change whose plan claims a lease: reads what it left and writes down how the world gets
  // back, in reverse order, for apply and confirm. Changes nothing. No steps: nothing is left to
  // undo. Errors as those of plan; Conflict also when the world is not as the change left it (S14),
  // so that a person looks.
  [[nodiscard]] virtual Result<core::Plan> plan_undo(const UndoRequest& /*request*/,
                                                     std::stop_token /*stop*/) {
    return fail(Errc::Invalid, "what it does is not to be undone");
  }
};

// What actions are made from. Lives as long as the configuration that made them.
struct ActionTools {
  ProcessRunner& runner;
  const Clock& clock;
  std::shared_ptr<const Inventory> inventory;
  HostRoot host;
  Systemd& systemd;
  std::shared_ptr<ContainerEngine> containers = nullptr;  // null: none is configured
  std::shared_ptr<const FarHosts> far = nullptr;          // hosts over SSH; null: there are none
  std::filesystem::path evidence = {};  // folder for what is kept of a container before its restart
  HttpClient* http = nullptr;           // null only where no action uses it
  std::filesystem::path self = "/proc/self/exe";  // our program, also that of its helpers
  // Hosts that are reached through Kubernetes; null: there are none.
  std::shared_ptr<const KubernetesHosts> clusters = nullptr;
  // Of hosts with a container engine of their own; null: there are none.
  std::shared_ptr<const HostEngines> engines = nullptr;
};

}  // namespace fieldmedic
