// What the tool asks of the remediator's API, and how the answer reads. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic::tool {

struct Ask {
  std::string method;
  std::string path;  // with its query
  std::string body;  // JSON; empty for GET
  // The text for people out of the body of a 200; Errc::Malformed when it is not what it should be.
  std::function<Result<std::string>(std::string_view body)> show;
};

// `state`: open, ended or all.
[[nodiscard]] Ask list_incidents(const std::string& state, unsigned limit);
[[nodiscard]] Ask show_incident(std::uint64_t id);
[[nodiscard]] Ask list_brakes();
[[nodiscard]] Ask list_leases();

// What would be done for an alert with these labels ("name=value" each), and nothing done.
// Errc::Invalid: one is no such pair.
[[nodiscard]] Result<Ask> make_plan(const std::vector<std::string>& labels);

// `hash`: of the plan that the incident shows; another plan is not approved by it (S4).
[[nodiscard]] Ask approve(std::uint64_t id, const std::string& hash);
[[nodiscard]] Ask cancel(std::uint64_t id, const std::string& reason);

// Undoes a temporary change now.
[[nodiscard]] Ask end_lease(std::uint64_t id, const std::string& reason);
// It needs no undo: done by hand, or meant to stay.
[[nodiscard]] Ask settle_lease(std::uint64_t id, const std::string& reason);

// `scope`: all, group/G, host/H, playbook/P or incident/N.
[[nodiscard]] Ask pause(const std::string& scope, const std::string& reason);
[[nodiscard]] Ask resume(const std::string& scope, const std::string& reason);
// `scope` as list_brakes shows it.
[[nodiscard]] Ask close_breaker(const std::string& scope, const std::string& reason);

}  // namespace fieldmedic::tool
