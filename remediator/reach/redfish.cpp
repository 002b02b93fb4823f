#include "remediator/reach/redfish.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/secret.hpp"
#include "remediator/reach/redfish_answers.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostAnswer = 512 * 1024;
constexpr milliseconds kRead{5'000};

class Redfish final : public HostPower {
 public:
  Redfish(RedfishAccess access, HttpClient& http) : access_(std::move(access)), http_(http) {}

  std::string name() const override {
    return fmt::format("redfish {}{}", access_.url, system_path());
  }

  Result<PowerSight> look(const std::stop_token& stop) const override {
    auto system = read_system(stop);
    if (!system) return fail(system.error());
    PowerSight sight = std::move(system->sight);
    // What stands beside is told where it is given; a controller that has none is as good.
    std::vector<std::string> sick;
    if (!system->chassis_path.empty()) {
      const RedfishParts chassis = look_at_part(system->chassis_path, sight, sick, stop);
      for (const std::string& path : {chassis.thermal_path, chassis.power_path})
        if (!path.empty()) look_at_part(path, sight, sick, stop);
    }
    if (!sick.empty()) sight.evidence += fmt::format("; {}", fmt::join(sick, ", "));
    return sight;
  }

  Status reset(PowerReset reset, milliseconds timeout, const std::stop_token& stop) const override {
    const auto system = read_system(stop);
    // Nothing was ordered yet, whatever it is that cannot be read.
    if (!system)
      return fail(system.error().code == Errc::Denied ? Errc::Denied : Errc::Unavailable,
                  system.error().message);
    // Without a place of its own it would be posted to the root.
    if (!system->sight.takes(reset))
      return fail(Errc::Conflict, fmt::format("{} takes no {} now", name(), to_string(reset)));
    const std::string body = nlohmann::json{{"ResetType", to_string(reset)}}.dump();
    const auto answer = send("POST", system->reset_path, body, timeout, stop);
    if (!answer) return fail(answer.error());
    return {};
  }

 private:
  [[nodiscard]] std::string system_path() const { return "/redfish/v1/Systems/" + access_.system; }

  // With its resets, and where they are posted to.
  [[nodiscard]] Result<RedfishSystem> read_system(const std::stop_token& stop) const {
    const auto body = send("GET", system_path(), "", kRead, stop);
    if (!body) return fail(body.error());
    auto system = read_redfish_system(*body);
    if (!system) return wrap(std::move(system.error()), name());
    if (system->sight.can.empty() && !system->info_path.empty()) {
      const auto info = send("GET", system->info_path, "", kRead, stop);
      if (!info) return fail(info.error());
      system->sight.can = read_action_info(*info);
    }
    if (system->reset_path.empty()) system->sight.can.clear();
    return system;
  }

  // Adds what it says to the sight.
  RedfishParts look_at_part(const std::string& path, PowerSight& sight,
                            std::vector<std::string>& sick, const std::stop_token& stop) const {
    const auto body = send("GET", path, "", kRead, stop);
    if (!body) return {};
    RedfishParts parts = read_redfish_parts(*body);
    sick.insert(sick.end(), parts.sick.begin(), parts.sick.end());
    // A system that does not say how it is stays unknown, unless a part of it is worse.
    if (parts.health == HardwareHealth::Critical ||
        (parts.health == HardwareHealth::Warning && sight.health == HardwareHealth::Ok))
      sight.health = parts.health;
    return parts;
  }

  [[nodiscard]] Result<std::string> send(const char* method, const std::string& path,
                                         const std::string& body, milliseconds timeout,
                                         const std::stop_token& stop) const {
    const std::string asked = fmt::format("redfish {} {}{}", method, access_.url, path);
    auto password = read_secret_file(access_.password_file);
    // Nothing was asked for yet.
    if (!password) return fail(Errc::Denied, std::move(password.error().message));
    HttpRequest request;
    request.method = method;
    request.url = access_.url + path;
    request.headers = {{"Accept", "application/json"}, {"OData-Version", "4.0"}};
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = body;
    request.basic_auth = BasicAuth{access_.username, *password};
    request.tls.ca_file = access_.ca_file;
    request.timeout = timeout;
    request.body_limit = kMostAnswer;
    auto answer = http_.send(request, stop);
    if (!answer) {
      // A name without an address says nothing about the host.
      if (answer.error().code == Errc::NotFound) answer.error().code = Errc::Unavailable;
      return wrap(std::move(answer.error()), asked);
    }
    if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
    return fail(explain_redfish_refusal(*answer, asked, *password));
  }

  RedfishAccess access_;
  HttpClient& http_;
};

}  // namespace

std::unique_ptr<HostPower> make_redfish_power(RedfishAccess access, HttpClient& http) {
  return std::make_unique<Redfish>(std::move(access), http);
}

}  // namespace fieldmedic
