#include "remediator/actions/config_rollback.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/clean_path.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/reach/file_replace.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kDigitsShown = 12;

struct Arguments {
  std::string file;
  std::string good;
  int signal = 0;  // 0: none
};

Status check(const Arguments& arguments) {
  for (const auto& [key, path] : {std::pair{"file", &arguments.file}, {"good", &arguments.good}})
    if (auto right = check_clean_path(key, *path); !right) return right;
  if (arguments.file == arguments.good)
    return fail(Errc::Invalid, "'file' and 'good' want to be two files");
  return {};
}

std::string kept_name(const std::string& file, const std::string& sha256) {
  return fmt::format("{}.replaced-{}", file.substr(file.rfind('/') + 1),
                     sha256.substr(0, kDigitsShown));
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The digest of what is there; empty: nothing is.
Result<std::string> digest_at(const std::string& file) {
  const auto version = read_version(file);
  if (version) return version->sha256;
  if (version.error().code == Errc::NotFound) return std::string();
  return fail(version.error());
}

ApplyAnswer apply_replace(const Json& seen, const Json& wanted, const std::stop_token& stop) {
  Replacement replacement{wanted.at("file").get<std::string>(),
                          seen.at("sha256").get<std::string>(),
                          wanted.at("keep").get<std::string>(),
                          {}};
  auto good = read_version(wanted.at("good").get<std::string>());
  if (!good) return {core::Applied::Refused, good.error().message};
  if (good->sha256 != wanted.at("sha256").get<std::string>())
    return {core::Applied::WorldDiffers, "the good version is another by now"};
  replacement.version = *std::move(good);
  if (stop.stop_requested()) return cancelled_before_change();
  const Status done = replace_file(replacement);
  if (done) return {core::Applied::Done, fmt::format("{} is the good version", replacement.path)};
  const Errc code = done.error().code;
  if (code == Errc::Conflict) return {core::Applied::WorldDiffers, done.error().message};
  return {code == Errc::Io ? core::Applied::Unknown : core::Applied::Refused, done.error().message};
}

ConfirmAnswer confirm_replace(const Json& wanted) {
  const auto digest = digest_at(wanted.at("file").get<std::string>());
  if (!digest) return {core::Confirmed::Unknown, digest.error().message};
  const bool there = *digest == wanted.at("sha256").get<std::string>();
  return {there ? core::Confirmed::Applied : core::Confirmed::NotApplied,
          there ? "the good version is there"
                : fmt::format("another version is there: {}", digest->substr(0, kDigitsShown))};
}

class ConfigRollback final : public Action {
 public:
  ConfigRollback(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token) override {
    const auto good = read_version(arguments_.good);
    if (!good) return fail(good.error());
    const auto now = digest_at(arguments_.file);
    if (!now) return fail(now.error());
    if (auto right = is_remedy(*now, good->sha256); !right) return fail(right.error());
    core::Plan plan;
    plan.resources = {fmt::format("host/{}/path{}", request.target.host, arguments_.file)};
    plan.steps.push_back(
        {.name = fmt::format("replace {} by the last known good version", arguments_.file),
         .seen = text_of({{"sha256", *now}}),
         .wanted = text_of({{"file", arguments_.file},
                            {"good", arguments_.good},
                            {"keep", kept_name(arguments_.file, *now)},
                            {"sha256", good->sha256}})});
    plan.summary = fmt::format("{} ({} by {})", plan.steps.front().name,
                               now->empty() ? "none" : now->substr(0, kDigitsShown),
                               good->sha256.substr(0, kDigitsShown));
    if (arguments_.signal != 0)
      if (auto added = add_signal(request.target, plan); !added) return fail(added.error());
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    try {
      const core::Step& step = request.plan.steps[request.step];
      const Json wanted = Json::parse(step.wanted);
      if (wanted.contains("file")) return apply_replace(Json::parse(step.seen), wanted, stop);
      if (stop.stop_requested()) return cancelled_before_change();
      const Status sent = signal_processes(step.seen, wanted.at("signal").get<int>(), tools_.host);
      if (sent) return {core::Applied::Done, "signalled"};
      const bool of_one = Json::parse(step.seen).at("processes").size() == 1;
      return {of_one ? core::Applied::Refused : core::Applied::Unknown, sent.error().message};
    } catch (const Json::exception& error) {
      return {core::Applied::Refused, fmt::format("no step of config_rollback: {}", error.what())};
    }
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token) override {
    try {
      const Json wanted = Json::parse(request.plan.steps[request.step].wanted);
      if (wanted.contains("file")) return confirm_replace(wanted);
      return {core::Confirmed::Unknown, "whether a signal came cannot be told by looking"};
    } catch (const Json::exception& error) {
      return {core::Confirmed::Unknown,
              fmt::format("no step of config_rollback: {}", error.what())};
    }
  }

 private:
  [[nodiscard]] Status is_remedy(const std::string& now, const std::string& good) const {
    if (now == good)
      return fail(Errc::Conflict,
                  fmt::format("{} is the last known good version already", arguments_.file));
    const std::string folder = arguments_.file.substr(0, arguments_.file.rfind('/') + 1);
    const auto kept = digest_at(folder + kept_name(arguments_.file, good));
    if (!kept) return fail(kept.error());
    if (*kept == good)
      return fail(Errc::Conflict, fmt::format("the good version {} was itself replaced as sick",
                                              good.substr(0, kDigitsShown)));
    return {};
  }

  [[nodiscard]] Status add_signal(const core::Target& target, core::Plan& plan) const {
    const CollectorSpec* collector = tools_.inventory->collector(target);
    if (collector == nullptr || collector->process.empty())
      return fail(Errc::NotFound, fmt::format("{} is no collector with a process in the inventory",
                                              core::key_of(target)));
    const auto found = read_collector_processes(tools_.host.procfs, collector->process);
    if (!found) return fail(found.error());
    plan.resources.push_back(fmt::format("host/{}/process/{}", target.host, collector->name));
    if (found->matching.empty()) return {};  // what starts reads the good version
    plan.steps.push_back({.name = fmt::format("signal {} to read it", collector->name),
                          .seen = seen_processes(found->matching),
                          .wanted = text_of({{"signal", arguments_.signal}}),
                          .confirmable = core::Confirmable::AtMostOnce});
    return {};
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_config_rollback(const YamlMap& map) {
  for (const char* key : {"file", "good"}) map.require(key);
  const Arguments arguments{map.string("file", ""), map.string("good", ""), read_signal(map, 0)};
  if (auto right = check(arguments); map.has("file") && map.has("good") && !right)
    map.error(right.error().message);
  return text_of(
      {{"file", arguments.file}, {"good", arguments.good}, {"signal", arguments.signal}});
}

Result<std::unique_ptr<Action>> make_config_rollback(const std::string& text,
                                                     const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    Arguments arguments{json.at("file").get<std::string>(), json.at("good").get<std::string>(),
                        json.at("signal").get<int>()};
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<ConfigRollback>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of config_rollback: {}", error.what()));
  }
}

}  // namespace fieldmedic
