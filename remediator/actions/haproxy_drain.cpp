#include "remediator/actions/haproxy_drain.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/template.hpp"
#include "remediator/actions/clean_path.hpp"
#include "remediator/reach/haproxy.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr int kMostServers = 10'000;
constexpr int kHalf = 0;  // as plans and ladders are journaled
constexpr int kNone = -1;

struct Arguments {
  std::string socket;
  std::string backend;
  std::string server;  // a template of target.*
  int least = kHalf;   // others in the balance
};

int read_least(const YamlMap& map) {
  const auto least = static_cast<int>(map.integer("least", 1, 0, kMostServers));
  if (!map.has("least")) return kHalf;
  return least == 0 ? kNone : least;
}

Status check(const Arguments& arguments) {
  if (auto right = check_clean_path("socket", arguments.socket); !right) return right;
  if (!is_haproxy_name(arguments.backend))
    return fail(Errc::Invalid, "'backend' wants the name of a backend");
  const auto server = Template::parse(arguments.server);
  if (!server) return fail(Errc::Invalid, "'server': " + server.error().message);
  for (const std::string& name : server->names())
    if (name != "target.host" && name != "target.name")
      return fail(Errc::Invalid,
                  fmt::format("'server' knows target.host and target.name, not '{}'", name));
  if (server->names().empty() && !is_haproxy_name(arguments.server))
    return fail(Errc::Invalid, "'server' wants the name of a server");
  return {};
}

Result<std::string> server_of(const Arguments& arguments, const core::Target& target) {
  const auto parsed = Template::parse(arguments.server);
  if (!parsed) return fail(parsed.error());
  auto name = parsed->render([&](std::string_view part) -> Result<std::string> {
    return part == "target.host" ? target.host : target.name;
  });
  if (name && !is_haproxy_name(*name))
    return fail(Errc::Invalid, fmt::format("'{}' can be no name of a server", *name));
  return name;
}

struct Sight {
  HaproxyServer server;
  int others = 0;  // in the balance
  int all = 0;
};

Result<Sight> look(const Haproxy& haproxy, const std::string& backend, const std::string& server,
                   const std::stop_token& stop) {
  const auto servers = haproxy.servers(backend, stop);
  if (!servers) return fail(servers.error());
  const auto found = std::ranges::find(*servers, server, &HaproxyServer::name);
  if (found == servers->end())
    return fail(Errc::NotFound, fmt::format("backend {} has no server {}", backend, server));
  Sight sight{*found, 0, static_cast<int>(servers->size())};
  for (const HaproxyServer& other : *servers)
    if (other.name != server && other.in_balance()) ++sight.others;
  return sight;
}

// Whether enough others stay in the balance without the server.
Status may_drain(const Sight& sight, const Arguments& arguments) {
  const int least = arguments.least != kHalf ? arguments.least : (sight.all + 1) / 2;
  if (sight.others >= least) return {};
  return fail(Errc::Conflict,
              fmt::format("it would leave {} servers in the balance of {}, at least {} have to be",
                          sight.others, arguments.backend, least));
}

class HaproxyDrain final : public Action {
 public:
  explicit HaproxyDrain(Arguments arguments)
      : arguments_(std::move(arguments)), haproxy_(arguments_.socket) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto name = server_of(arguments_, request.target);
    if (!name) return fail(name.error());
    const auto sight = look(haproxy_, arguments_.backend, *name, stop);
    if (!sight) return fail(sight.error());
    if (sight->server.administrative != 0)
      return fail(Errc::Conflict, fmt::format("{}/{} is held out of the balance already",
                                              arguments_.backend, *name));
    if (auto right = may_drain(*sight, arguments_); !right) return fail(right.error());
    core::Plan plan = plan_of(request.target, *name, sight->server, "drain");
    plan.summary = fmt::format("drain {}/{}; {} others take its sessions", arguments_.backend,
                               *name, sight->others);
    plan.lease = core::LeaseClaim{plan.resources.front(), core::WhenAway::Nobody};
    // Two servers of one backend, each of which counts the other: one drain after the other. Not
    // above the servers, whose leases last far longer than a drain.
    plan.resources.push_back(
        fmt::format("haproxy-balance{}/{}", arguments_.socket, arguments_.backend));
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    const auto name = server_of(arguments_, request.target);
    if (!name) return fail(name.error());
    const auto sight = look(haproxy_, arguments_.backend, *name, stop);
    if (!sight) return fail(sight.error());
    core::Plan nothing;
    nothing.summary = fmt::format("{}/{} is in the balance", arguments_.backend, *name);
    if ((sight->server.administrative & (kForcedDrain | kForcedMaintenance)) == 0) return nothing;
    if (sight->server.administrative != kForcedDrain)
      return fail(Errc::Conflict, fmt::format("{}/{} is held out of the balance by another as well",
                                              arguments_.backend, *name));
    core::Plan plan = plan_of(request.target, *name, sight->server, "ready");
    plan.summary = fmt::format("put {}/{} back into the balance", arguments_.backend, *name);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    using core::Applied;
    try {
      const Json seen = Json::parse(request.plan.steps[request.step].seen);
      const Json wanted = Json::parse(request.plan.steps[request.step].wanted);
      const auto backend = wanted.at("backend").get<std::string>();
      const auto server = wanted.at("server").get<std::string>();
      const auto sight = look(haproxy_, backend, server, stop);
      if (!sight) return {Applied::Refused, sight.error().message};
      if (sight->server.administrative != seen.at("admin").get<unsigned>())
        return {Applied::WorldDiffers, "its state is another by now"};
      const auto state = wanted.at("state").get<std::string>();
      if (auto right = may_drain(*sight, arguments_); state == "drain" && !right)
        return {Applied::WorldDiffers, right.error().message};
      if (stop.stop_requested()) return cancelled_before_change();
      const Status set = haproxy_.set_state(backend, server, state, stop);
      if (set) return {Applied::Done, fmt::format("{}/{} is set to {}", backend, server, state)};
      return {nothing_changed(set.error().code) ? Applied::Refused : Applied::Unknown,
              set.error().message};
    } catch (const Json::exception& error) {
      return {Applied::Refused, fmt::format("no step of haproxy_drain: {}", error.what())};
    }
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    using core::Confirmed;
    try {
      const Json wanted = Json::parse(request.plan.steps[request.step].wanted);
      const auto sight = look(haproxy_, wanted.at("backend").get<std::string>(),
                              wanted.at("server").get<std::string>(), stop);
      if (!sight) return {Confirmed::Unknown, sight.error().message};
      const bool drained = (sight->server.administrative & kForcedDrain) != 0;
      const bool there = drained == (wanted.at("state") == "drain");
      return {there ? Confirmed::Applied : Confirmed::NotApplied,
              drained ? "it is drained" : "it is not drained"};
    } catch (const Json::exception& error) {
      return {Confirmed::Unknown, fmt::format("no step of haproxy_drain: {}", error.what())};
    }
  }

 private:
  [[nodiscard]] core::Plan plan_of(const core::Target& target, const std::string& name,
                                   const HaproxyServer& server, const char* state) const {
    core::Plan plan;
    plan.resources = {fmt::format("haproxy{}/{}/{}", arguments_.socket, arguments_.backend, name),
                      fmt::format("host/{}/process/{}", target.host, target.name)};
    if (target.name.empty()) plan.resources.back() = "host/" + target.host + "/balance";
    plan.steps.push_back(
        {.name = fmt::format("set {}/{} to {}", arguments_.backend, name, state),
         .seen = Json{{"admin", server.administrative}}.dump(),
         .wanted =
             Json{{"backend", arguments_.backend}, {"server", name}, {"state", state}}.dump()});
    return plan;
  }

  Arguments arguments_;
  Haproxy haproxy_;
};

}  // namespace

std::string read_haproxy_drain(const YamlMap& map) {
  for (const char* key : {"socket", "backend", "server"}) map.require(key);
  const Arguments arguments{map.string("socket", ""), map.string("backend", ""),
                            map.string("server", ""), read_least(map)};
  const bool given = map.has("socket") && map.has("backend") && map.has("server");
  if (auto right = check(arguments); given && !right) map.error(right.error().message);
  const Json json{{"socket", arguments.socket},
                  {"backend", arguments.backend},
                  {"server", arguments.server},
                  {"least", arguments.least}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_haproxy_drain(const std::string& text, const ActionTools&) {
  try {
    const Json json = Json::parse(text);
    Arguments arguments{json.at("socket").get<std::string>(), json.at("backend").get<std::string>(),
                        json.at("server").get<std::string>(), json.at("least").get<int>()};
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<HaproxyDrain>(std::move(arguments));
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of haproxy_drain: {}", error.what()));
  }
}

}  // namespace fieldmedic
