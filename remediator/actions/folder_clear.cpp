#include "remediator/actions/folder_clear.hpp"

#include <filesystem>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostFolders = 16;

}  // namespace

Result<ClearOrder> read_clear_order(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    const Json wanted = Json::parse(step.wanted);
    ClearOrder order{
        wanted.at("path").get<std::string>(),
        {seen.at("device").get<std::uint64_t>(), seen.at("inode").get<std::uint64_t>()}};
    // Again, since the journal may hold what a laxer version accepted.
    if (auto allowed = may_be_emptied(order.path); !allowed) return fail(allowed.error());
    return order;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no clear step: {}", error.what()));
  }
}

std::string plain_path(const std::string& path) {
  std::string clean = std::filesystem::path(path).lexically_normal().string();
  while (clean.ends_with('/')) clean.pop_back();
  return clean;
}

std::string folder_resource(const std::string& host, const std::string& path) {
  return fmt::format("host/{}/path{}", host, plain_path(path));
}

core::Step clear_step(const std::string& path, const FolderSight& sight) {
  const Json seen{{"device", sight.identity.device},
                  {"inode", sight.identity.inode},
                  {"entries", sight.entries}};
  const Json wanted{{"entries", 0}, {"path", path}};
  return {.name = "clear " + path,
          .seen = seen.dump(),
          .wanted = wanted.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

std::vector<std::string> read_folders(const YamlMap& arguments, std::string_view key) {
  auto folders = arguments.strings(key);
  if (folders.size() > kMostFolders)
    arguments.error(key, fmt::format("at most {} folders", kMostFolders));
  for (const std::string& folder : folders)
    if (const auto allowed = may_be_emptied(folder); !allowed)
      arguments.error(key, allowed.error().message);
  return folders;
}

Status check_folders(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders)
    if (auto allowed = may_be_emptied(folder); !allowed) return allowed;
  return {};
}

Status plan_clears(const std::vector<std::string>& folders, const std::string& host,
                   core::Plan& plan) {
  std::vector<std::string> wrong;  // all are told, to be mended at once
  for (const std::string& path : folders) {
    plan.resources.push_back(folder_resource(host, path));  // also one that holds nothing yet
    const auto sight = look_at_folder(path);
    if (!sight && sight.error().code == Errc::NotFound) continue;
    if (!sight)
      wrong.push_back(sight.error().message);
    else if (sight->entries > 0)
      plan.steps.push_back(clear_step(path, *sight));
  }
  if (wrong.empty()) return {};
  return fail(Errc::Conflict, fmt::format("{}", fmt::join(wrong, "; ")));
}

ApplyAnswer apply_clear(const ApplyRequest& request, const std::stop_token& stop) {
  const auto order = read_clear_order(request.plan.steps[request.step]);
  if (!order) return {core::Applied::Refused, order.error().message};
  const auto until = Waiter::start(request.timeout, stop);
  if (!until) return {core::Applied::Refused, until.error().message};
  const Emptied emptied = empty_folder(order->path, order->identity, *until);
  if (emptied.status)
    return {core::Applied::Done, fmt::format("removed {} entries", emptied.removed)};
  if (emptied.removed == 0 && emptied.status.error().code == Errc::Cancelled)
    return cancelled_before_change();
  if (emptied.removed == 0 && emptied.status.error().code == Errc::Conflict)
    return {core::Applied::WorldDiffers, emptied.status.error().message};
  if (emptied.removed == 0) return {core::Applied::Refused, emptied.status.error().message};
  return {core::Applied::Unknown, fmt::format("removed {} entries, then: {}", emptied.removed,
                                              emptied.status.error().message)};
}

ConfirmAnswer confirm_clear(const ApplyRequest& request) {
  const auto order = read_clear_order(request.plan.steps[request.step]);
  if (!order) return {core::Confirmed::Unknown, order.error().message};
  const auto sight = look_at_folder(order->path);
  if (!sight && sight.error().code == Errc::NotFound)
    return {core::Confirmed::Applied, order->path + " is not there"};
  if (!sight) return {core::Confirmed::Unknown, sight.error().message};
  return {sight->entries == 0 ? core::Confirmed::Applied : core::Confirmed::NotApplied,
          fmt::format("{} holds {} entries", order->path, sight->entries)};
}

}  // namespace fieldmedic
