#include "remediator/actions/store_divert.hpp"

#include <signal.h>

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/clean_path.hpp"
#include "remediator/actions/file_step.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/store_sights.hpp"
#include "remediator/actions/store_steps.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostArguments = 64;

struct Arguments {
  std::string link;
  std::string from;
  std::string to;
  int signal = SIGHUP;
  std::vector<std::string> replay;
};

bool inside(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

// Checked when it is read and again when it is made.
Status check(const Arguments& arguments) {
  const auto& [link, from, to, signal, replay] = arguments;
  for (const auto& [key, path] : {std::pair{"link", &link}, {"from", &from}, {"to", &to}})
    if (auto right = check_clean_path(key, *path); !right) return right;
  if (inside(from, to) || inside(to, from) || inside(link, from) || inside(link, to))
    return fail(Errc::Invalid, "'link', 'from' and 'to' want to lie outside of each other");
  if (replay.empty() || replay.size() > kMostArguments || !replay.front().starts_with('/'))
    return fail(Errc::Invalid,
                fmt::format("'replay' wants a program by its absolute path and at most {} "
                            "arguments: it moves back what was written to 'to'",
                            kMostArguments));
  return {};
}

// What lies in a store, in words. A sick store that cannot be read is no reason not to leave it.
Result<std::string> backlog_of(const StorePlace& place, const std::string& store) {
  const auto sight = store_at(place, store);
  if (sight && sight->more)
    return fmt::format("more than {} files stay in {}", sight->files, store);
  if (sight)
    return fmt::format("{} files of {} bytes stay in {}", sight->files, sight->bytes, store);
  const Errc code = sight.error().code;
  if (code == Errc::NotFound || code == Errc::Conflict || code == Errc::Denied)
    return fail(sight.error());
  return fmt::format("how much stays in {} cannot be told: {}", store, sight.error().message);
}

class StoreDivert final : public Action {
 public:
  StoreDivert(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    const StorePlace place{tools_, *far, stop};
    const auto backlog = backlog_of(place, arguments_.from);
    if (!backlog) return fail(backlog.error());
    if (auto room = has_room(place, arguments_.to); !room) return fail(room.error());
    auto plan = plan_switch(place, request.target, arguments_.from, arguments_.to);
    if (!plan) return plan;
    if (plan->steps.empty())
      return fail(Errc::Conflict,
                  fmt::format("{} points to {} already", arguments_.link, arguments_.to));
    plan->summary = fmt::format("point {} from {} to {}; {}", arguments_.link, arguments_.from,
                                arguments_.to, *backlog);
    plan->lease = core::LeaseClaim{plan->resources.front(), core::WhenAway::Nobody};
    if (auto there = planned_there(*plan, tools_, request.target, stop); !there)
      return fail(there.error());
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    const auto far = host_of_made(request);
    if (!far) return fail(far.error());
    const StorePlace place{tools_, *far, stop};
    if (const auto own = store_is_there(place, arguments_.from); !own) return fail(own.error());
    const auto spare = store_at(place, arguments_.to);
    if (!spare) return fail(spare.error());
    auto plan = plan_switch(place, request.target, arguments_.to, arguments_.from);
    if (!plan) return plan;
    // Until the collector has let go of the spare store, files may still come.
    if (!plan->steps.empty() || spare->files > 0)
      plan->steps.push_back(
          replay_step(arguments_.replay, arguments_.to, arguments_.from, spare->files));
    plan->summary = fmt::format("point {} back to {}, and replay {} files of {} bytes",
                                arguments_.link, arguments_.from, spare->files, spare->bytes);
    if (auto there = planned_there(*plan, tools_, request.target, stop); !there)
      return fail(there.error());
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = planned_host(tools_, request);
    if (!far) return {core::Applied::Refused, far.error().message};
    return apply_store_step(request, tools_, *far, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = planned_host(tools_, request);
    if (!far) return {core::Confirmed::Unknown, far.error().message};
    return confirm_store_step(request, tools_, *far, stop);
  }

 private:
  // Of a host that is reached now as it was then.
  [[nodiscard]] Result<const FarHost*> host_of_made(const UndoRequest& request) const {
    if (request.made.steps.empty()) return far_host(tools_, request.target);
    return planned_host(tools_, request.target, request.made.steps.front());
  }

  // The steps that lead from one store to the other; none: everything is there already.
  Result<core::Plan> plan_switch(const StorePlace& place, const core::Target& target,
                                 const std::string& from, const std::string& to) const {
    const CollectorSpec* collector = tools_.inventory->collector(target);
    if (collector == nullptr || collector->process.empty())
      return fail(Errc::NotFound, fmt::format("{} is no collector with a process in the inventory",
                                              core::key_of(target)));
    const auto points = link_at(place, arguments_.link);
    if (!points) return fail(points.error());
    if (*points != from && *points != to)
      return fail(Errc::Conflict, fmt::format("{} points to {}, which is neither {} nor {}",
                                              arguments_.link, *points, from, to));
    core::Plan plan;
    plan.resources = {fmt::format("host/{}/divert{}", target.host, arguments_.link),
                      fmt::format("host/{}/process/{}", target.host, collector->name)};
    if (*points == from) plan.steps.push_back(link_step(arguments_.link, from, to));
    const auto users = users_at(place, collector->process, from);
    if (!users) return fail(users.error());
    if (plan.steps.empty() && users->holders.empty()) return plan;
    if (!users->members.empty())
      plan.steps.push_back(let_go_step(users->members, *collector, arguments_.signal, from));
    return plan;
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_store_divert(const YamlMap& map) {
  Arguments arguments;
  for (const char* key : {"link", "from", "to", "replay"}) map.require(key);
  arguments.link = map.string("link", "");
  arguments.from = map.string("from", "");
  arguments.to = map.string("to", "");
  arguments.signal = read_signal(map, SIGHUP);
  arguments.replay = map.strings("replay");
  const bool given = map.has("link") && map.has("from") && map.has("to") && map.has("replay");
  if (auto right = check(arguments); given && !right) map.error(right.error().message);
  const Json json{{"link", arguments.link},
                  {"from", arguments.from},
                  {"to", arguments.to},
                  {"signal", arguments.signal},
                  {"replay", arguments.replay}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_store_divert(const std::string& text,
                                                  const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    Arguments arguments{json.at("link").get<std::string>(), json.at("from").get<std::string>(),
                        json.at("to").get<std::string>(), json.at("signal").get<int>(),
                        json.at("replay").get<std::vector<std::string>>()};
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<StoreDivert>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of data_divert: {}", error.what()));
  }
}

}  // namespace fieldmedic
