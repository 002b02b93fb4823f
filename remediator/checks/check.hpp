// What every check looks like: it reads the world and answers pass, fail or unknown, with evidence.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/host_root.hpp"
#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/server_pool.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/target.hpp"
#include "remediator/reach/far_hosts.hpp"
#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

// Stateless between calls; may be called from any thread.
class Check {
 public:
  virtual ~Check() = default;
  // Bounded by its own timeout; what it could not read is Unknown, never Fail and never Pass.
  [[nodiscard]] virtual core::CheckAnswer run(const core::Target& target, std::stop_token stop) = 0;
};

// What checks are made from. Lives as long as the configuration that made them.
struct CheckTools {
  HttpClient& http;
  std::shared_ptr<const Inventory> inventory;
  ServerPool prometheus;  // empty: promql checks are Unknown
  HostRoot host;
  std::shared_ptr<const FarHosts> far = nullptr;  // hosts over SSH; null: there are none
};

}  // namespace fieldmedic
