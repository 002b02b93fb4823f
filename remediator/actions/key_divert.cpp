#include "remediator/actions/key_divert.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "common/sha256.hpp"
#include "remediator/actions/etcd_arguments.hpp"
#include "remediator/actions/key_step.hpp"
#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/program_argv.hpp"
#include "remediator/actions/program_step.hpp"
#include "remediator/actions/zookeeper_arguments.hpp"
#include "remediator/reach/etcd_keys.hpp"
#include "remediator/reach/zookeeper_keys.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kLongestKey = 1024;       // bytes
constexpr std::size_t kLongestTo = 4uz * 1024;  // bytes
constexpr milliseconds kRead{5'000};
constexpr std::string_view kRecordEnd = ".fieldmedic";

Status check_name(std::string_view what, const std::string& name) {
  if (name.empty() || name.size() > kLongestKey)
    return fail(Errc::Invalid, fmt::format("'{}' wants 1 to {} bytes", what, kLongestKey));
  if (const auto parsed = parse_placeholders(name); !parsed)
    return fail(Errc::Invalid, fmt::format("'{}': {}", what, parsed.error().message));
  return {};
}

// One with placeholders is looked at when they are filled in.
Status check_node(std::string_view what, const std::string& node) {
  if (node.empty() || node.contains("{{") || is_zookeeper_path(node)) return {};
  return fail(Errc::Invalid,
              fmt::format("'{}' wants the path of a node of ZooKeeper, got {}", what, quote(node)));
}

Status check(const KeyDivertArguments& arguments) {
  const bool in_zookeeper = !arguments.zookeeper.servers.empty();
  const char* key = in_zookeeper ? "node" : "key";
  if (auto right = check_name(key, arguments.key); !right) return right;
  if (!arguments.record.empty())
    if (auto right = check_name("record", arguments.record); !right) return right;
  for (const auto& [what, path] : {std::pair{key, &arguments.key}, {"record", &arguments.record}})
    if (in_zookeeper)
      if (auto right = check_node(what, *path); !right) return right;
  if (arguments.key == arguments.record)
    return fail(Errc::Invalid, fmt::format("'record' wants to be another than '{}'", key));
  if (arguments.etcd.urls.empty() && arguments.zookeeper.servers.empty())
    return fail(Errc::Invalid, "it names no store");
  if (arguments.to.size() > kLongestTo)
    return fail(Errc::Invalid, fmt::format("'to' wants at most {} bytes", kLongestTo));
  for (const auto& [name, argv] :
       {std::pair{"backlog", &arguments.backlog}, {"replay", &arguments.replay}})
    if (!argv->empty())
      if (auto right = check_argv(name, *argv); !right) return right;
  return {};
}

class KeyDivert final : public Action {
 public:
  KeyDivert(KeyDivertArguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto key = render_text(arguments_.key, request);
    if (!key) return fail(key.error());
    const auto argv = render_argv(arguments_.backlog, request);
    if (!argv) return fail(argv.error());
    const auto record = render_text(
        arguments_.record.empty() ? arguments_.key + std::string(kRecordEnd) : arguments_.record,
        request);
    if (!record) return fail(record.error());
    const auto store = store_of(*key, *record);
    if (!store) return fail(store.error());
    const auto sight = (*store)->read(kRead, stop);
    if (!sight) return fail(sight.error());
    if (auto right = may_divert(*key, *sight); !right) return fail(right.error());
    core::Plan plan = plan_of(request.target, *key);
    plan.steps.push_back(write_key_step(fmt::format("set {} to {}", *key, quote(arguments_.to)),
                                        {.deed = KeyDeed::Divert,
                                         .key = *key,
                                         .record = *record,
                                         .value = arguments_.to,
                                         .sha256 = sha256_of(arguments_.to),
                                         .was = digest_of(sight->key),
                                         .key_revision = sight->key.revision,
                                         .record_revision = sight->record.revision,
                                         .planned_at = tools_.clock.wall()}));
    plan.summary =
        fmt::format("{}; {}", plan.steps.front().name, backlog_by(*argv, tools_, nullptr, stop));
    plan.lease = core::LeaseClaim{plan.resources.front(), core::WhenAway::Nobody};
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    if (request.made.steps.empty()) return fail(Errc::Invalid, "the plan has no step");
    const auto made = read_key_step(request.made.steps.front());
    if (!made) return fail(made.error());
    const auto store = store_of(made->key, made->record);
    if (!store) return fail(store.error());
    const auto sight = (*store)->read(kRead, stop);
    if (!sight) return fail(sight.error());
    if (!sight->record.there && digest_of(sight->key) == made->was) {
      // Where it is back already, a crash may have come before it was replayed.
      core::Plan rest = plan_of(request.target, made->key);
      rest.summary = fmt::format("{} is as it was", made->key);
      return with_replay(std::move(rest), request);
    }
    if (!is_made_by(*sight, request.made_by))
      return fail(Errc::Conflict,
                  fmt::format("{} is not as it was left: somebody changed it", made->key));
    return undo_of(request, *made, *sight);
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const core::Step& written = request.plan.steps[request.step];
    if (is_program_step(written)) return apply_program(request, tools_, nullptr, stop);
    const auto step = read_key_step(written);
    if (!step) return {core::Applied::Refused, step.error().message};
    const auto store = store_of(step->key, step->record);
    if (!store) return {core::Applied::Refused, store.error().message};
    return apply_key_step(*step, request, **store, tools_.clock, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const core::Step& written = request.plan.steps[request.step];
    if (is_program_step(written)) return confirm_program(request, tools_, nullptr, stop);
    const auto step = read_key_step(written);
    if (!step) return {core::Confirmed::Unknown, step.error().message};
    const auto store = store_of(step->key, step->record);
    if (!store) return {core::Confirmed::Unknown, store.error().message};
    return confirm_key_step(*step, request, **store, tools_.clock, stop);
  }

 private:
  [[nodiscard]] Result<std::unique_ptr<KeyStore>> store_of(const std::string& key,
                                                           const std::string& record) const {
    if (!arguments_.zookeeper.servers.empty()) {
      if (!is_zookeeper_path(key) || !is_zookeeper_path(record))
        return fail(Errc::Invalid, fmt::format("{} can be no node of ZooKeeper", quote(key)));
      return std::make_unique<ZookeeperKeys>(arguments_.zookeeper, tools_.self, key, record);
    }
    if (tools_.http == nullptr) return fail(Errc::Unavailable, "nothing is there to ask etcd with");
    return std::make_unique<EtcdKeys>(*tools_.http, arguments_.etcd, key, record);
  }

  [[nodiscard]] Status may_divert(const std::string& key, const KeySight& sight) const {
    const auto refuse = [&](std::string_view why) {
      return fail(Errc::Conflict, fmt::format("{} {}", key, why));
    };
    if (sight.record.there) {
      const auto record = parse_record(sight.record.value);
      return refuse(record ? "is diverted already, by attempt " + quote_hostile(record->attempt)
                           : "has something beside it that is no record of ours");
    }
    if (sight.key.of_session) return refuse("is held by a session, with which it goes");
    if (sight.key.there && sight.key.value == arguments_.to) return refuse("says so already");
    return {};
  }

  // Whoever is diverted by it, nobody else does the same to its collector meanwhile.
  [[nodiscard]] core::Plan plan_of(const core::Target& target, const std::string& key) const {
    core::Plan plan;
    plan.resources = {fmt::format("{}{}{}", arguments_.etcd.urls.empty() ? "zookeeper" : "etcd",
                                  key.starts_with('/') ? "" : "/", key)};
    if (target.kind == core::TargetKind::Collector)
      plan.resources.push_back(fmt::format("host/{}/process/{}", target.host, target.name));
    else
      for (std::string& host : whole_hosts(target, *tools_.inventory))
        plan.resources.push_back(std::move(host));
    return plan;
  }

  [[nodiscard]] Result<core::Plan> undo_of(const UndoRequest& request, const KeyStep& made,
                                           const KeySight& sight) const {
    core::Plan plan = plan_of(request.target, made.key);
    plan.steps.push_back(write_key_step(fmt::format("put back what was in {}", made.key),
                                        {.deed = KeyDeed::PutBack,
                                         .key = made.key,
                                         .record = made.record,
                                         .sha256 = made.was,
                                         .was = digest_of(sight.key),
                                         .key_revision = sight.key.revision,
                                         .record_revision = sight.record.revision,
                                         .planned_at = tools_.clock.wall()}));
    plan.summary = plan.steps.front().name;
    return with_replay(std::move(plan), request);
  }

  [[nodiscard]] Result<core::Plan> with_replay(core::Plan plan, const UndoRequest& request) const {
    if (arguments_.replay.empty()) return plan;
    auto argv = render_argv(arguments_.replay, {request.target, request.labels});
    if (!argv) return fail(argv.error());
    plan.steps.push_back(program_step("replay what was diverted", {*std::move(argv), {}}));
    plan.summary += ", and replay what was diverted";
    return plan;
  }

  KeyDivertArguments arguments_;
  ActionTools tools_;
};

}  // namespace

KeyDivertArguments read_key_divert(const YamlMap& map) {
  KeyDivertArguments arguments;
  const bool in_etcd = map.has("etcd");
  const char* name = in_etcd ? "key" : "node";
  const YamlMap store = map.map(in_etcd ? "etcd" : "zookeeper");
  if (in_etcd)
    arguments.etcd = read_etcd_access(store);
  else
    arguments.zookeeper = read_zookeeper_access(store);
  arguments.key = store.string(name);
  arguments.record = store.string("record", "");
  store.done();
  map.require("to");
  arguments.to = map.string("to", "");
  arguments.backlog = map.strings("backlog");
  arguments.replay = map.strings("replay");
  const bool given = !arguments.etcd.urls.empty() || !arguments.zookeeper.servers.empty();
  if (auto right = check(arguments); given && !arguments.key.empty() && !right)
    map.error(right.error().message);
  return arguments;
}

std::string key_divert_json(const KeyDivertArguments& arguments) {
  Json json{{"key", arguments.key},
            {"record", arguments.record},
            {"to", arguments.to},
            {"backlog", arguments.backlog},
            {"replay", arguments.replay}};
  if (!arguments.etcd.urls.empty()) {
    json["etcd"] = {{"urls", arguments.etcd.urls},
                    {"ca_file", arguments.etcd.ca_file},
                    {"cert_file", arguments.etcd.cert_file},
                    {"key_file", arguments.etcd.key_file}};
    // Left out where there is none, so that what was written before there were users says the same.
    if (!arguments.etcd.user.empty()) {
      json["etcd"]["user"] = arguments.etcd.user;
      json["etcd"]["password_file"] = arguments.etcd.password_file;
    }
  } else {
    json["zookeeper"] = Json::parse(to_json(arguments.zookeeper));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_key_divert(const std::string& text, const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    KeyDivertArguments arguments;
    if (const auto etcd = json.find("etcd"); etcd != json.end())
      arguments.etcd = {etcd->at("urls").get<std::vector<std::string>>(),
                        etcd->at("ca_file").get<std::string>(),
                        etcd->at("cert_file").get<std::string>(),
                        etcd->at("key_file").get<std::string>(),
                        etcd->value("user", std::string()),
                        etcd->value("password_file", std::string())};
    else
      arguments.zookeeper =
          parse_zookeeper_access(json.at("zookeeper").dump()).value_or(ZookeeperAccess());
    json.at("key").get_to(arguments.key);
    json.at("record").get_to(arguments.record);
    json.at("to").get_to(arguments.to);
    json.at("backlog").get_to(arguments.backlog);
    json.at("replay").get_to(arguments.replay);
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<KeyDivert>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of data_divert: {}", error.what()));
  }
}

}  // namespace fieldmedic
