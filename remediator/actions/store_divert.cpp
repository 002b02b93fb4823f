#include "remediator/actions/store_divert.hpp"

#include <signal.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/clean_path.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/store_steps.hpp"
#include "remediator/reach/folder.hpp"
#include "remediator/reach/link_switch.hpp"

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
Result<std::string> backlog_of(const std::string& store) {
  const auto sight = look_at_folder(store);
  if (sight)
    return fmt::format("{} files of {} bytes stay in {}", sight->files, sight->bytes, store);
  const Errc code = sight.error().code;
  if (code == Errc::NotFound || code == Errc::Conflict || code == Errc::Denied)
    return fail(sight.error());
  return fmt::format("how much stays in {} cannot be told: {}", store, sight.error().message);
}

// A spare store that is there and can take something: a full one would lose what the sick one
// keeps.
Status has_room(const std::string& store) {
  constexpr fsblkcnt_t kShare = 100;  // one part of so many has to be free
  const auto folder = open_folder(store);
  if (!folder) return fail(folder.error());
  struct statvfs room{};
  if (fstatvfs(folder->get(), &room) != 0)
    return fail(Errc::Io, fmt::format("{}: {}", store, std::strerror(errno)));
  const bool full = room.f_bavail == 0 || room.f_bavail < room.f_blocks / kShare;
  // Some file systems count no inodes.
  const bool no_inodes = room.f_files > 0 && room.f_favail == 0;
  if (!full && !no_inodes) return {};
  return fail(Errc::Conflict,
              fmt::format("{} has no room: {} of {} blocks and {} of {} inodes free", store,
                          room.f_bavail, room.f_blocks, room.f_favail, room.f_files));
}

class StoreDivert final : public Action {
 public:
  StoreDivert(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token) override {
    const auto backlog = backlog_of(arguments_.from);
    if (!backlog) return fail(backlog.error());
    if (auto room = has_room(arguments_.to); !room) return fail(room.error());
    auto plan = plan_switch(request.target, arguments_.from, arguments_.to);
    if (!plan) return plan;
    if (plan->steps.empty())
      return fail(Errc::Conflict,
                  fmt::format("{} points to {} already", arguments_.link, arguments_.to));
    plan->summary = fmt::format("point {} from {} to {}; {}", arguments_.link, arguments_.from,
                                arguments_.to, *backlog);
    plan->lease = core::LeaseClaim{plan->resources.front(), core::WhenAway::Nobody};
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token) override {
    if (const auto own = open_folder(arguments_.from); !own) return fail(own.error());
    auto spare = look_at_folder(arguments_.to);
    if (!spare && spare.error().code == Errc::TooLarge)
      spare = FolderSight{{}, kMostEntries, kMostEntries, 0};
    if (!spare) return fail(spare.error());
    auto plan = plan_switch(request.target, arguments_.to, arguments_.from);
    if (!plan) return plan;
    // Until the collector has let go of the spare store, files may still come.
    if (!plan->steps.empty() || spare->files > 0)
      plan->steps.push_back(
          replay_step(arguments_.replay, arguments_.to, arguments_.from, spare->files));
    plan->summary = fmt::format("point {} back to {}, and replay {} files of {} bytes",
                                arguments_.link, arguments_.from, spare->files, spare->bytes);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    return apply_store_step(request, tools_, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token) override {
    return confirm_store_step(request, tools_);
  }

 private:
  // The steps that lead from one store to the other; none: everything is there already.
  Result<core::Plan> plan_switch(const core::Target& target, const std::string& from,
                                 const std::string& to) const {
    const CollectorSpec* collector = tools_.inventory->collector(target);
    if (collector == nullptr || collector->process.empty())
      return fail(Errc::NotFound, fmt::format("{} is no collector with a process in the inventory",
                                              core::key_of(target)));
    const auto points = read_link(arguments_.link);
    if (!points) return fail(points.error());
    if (*points != from && *points != to)
      return fail(Errc::Conflict, fmt::format("{} points to {}, which is neither {} nor {}",
                                              arguments_.link, *points, from, to));
    core::Plan plan;
    plan.resources = {fmt::format("host/{}/divert{}", target.host, arguments_.link),
                      fmt::format("host/{}/process/{}", target.host, collector->name)};
    if (*points == from) plan.steps.push_back(link_step(arguments_.link, from, to));
    const auto holders = holders_of(tools_.host, collector->process, from);
    if (!holders) return fail(holders.error());
    if (plan.steps.empty() && holders->empty()) return plan;
    const auto found = read_collector_processes(tools_.host.procfs, collector->process);
    if (!found) return fail(found.error());
    const auto members = members_of(identities_of(found->matching), found->candidates);
    if (!members.empty())
      plan.steps.push_back(let_go_step(members, *collector, arguments_.signal, from));
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
