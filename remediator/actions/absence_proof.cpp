#include "remediator/actions/absence_proof.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/base64.hpp"
#include "remediator/actions/etcd_arguments.hpp"
#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/program_argv.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestKey = 1024;  // bytes
constexpr std::size_t kOutputLimit = 4 * 1024;

Status check_key(const std::string& key) {
  if (key.empty() || key.size() > kLongestKey)
    return fail(Errc::Invalid, fmt::format("'key' wants 1 to {} bytes", kLongestKey));
  if (const auto parsed = parse_placeholders(key); !parsed)
    return fail(Errc::Invalid, "'key': " + parsed.error().message);
  return {};
}

AbsenceProof read_exec(const YamlMap& map) {
  AbsenceProof proof;
  proof.argv = map.strings("argv");
  if (map.has("on")) proof.on = map.string("on");
  if (auto right = check_argv("argv", proof.argv); !right) map.error("argv", right.error().message);
  map.done();
  return proof;
}

AbsenceProof read_etcd(const YamlMap& map) {
  AbsenceProof proof;
  map.require("key");
  proof.etcd = read_etcd_access(map);
  proof.key = map.string("key", "");
  if (auto right = check_key(proof.key); map.has("key") && !right)
    map.error("key", right.error().message);
  map.done();
  return proof;
}

AbsenceAnswer ask_program(const AbsenceProof& proof, const ActionTools& tools,
                          std::chrono::milliseconds timeout, std::stop_token stop) {
  Command command;
  command.argv = proof.argv;
  command.timeout = timeout;
  command.output_limit = kOutputLimit;
  ProcessRunner* runner = &tools.runner;
  if (!proof.on.empty()) {
    // Gone by a reload: asked here instead, it would tell of another host.
    if (tools.inventory->host(proof.on) == nullptr)
      return {Absence::Unknown, fmt::format("no host {} is declared", proof.on)};
    const auto far = far_host(tools, {core::TargetKind::Host, "", proof.on, ""});
    if (!far) return {Absence::Unknown, far.error().message};
    if (*far != nullptr) runner = (*far)->runner.get();
  }
  const auto ended = runner->run(command, std::move(stop));
  const std::string& program = proof.argv.front();
  if (!ended) return {Absence::Unknown, fmt::format("{}: {}", program, ended.error().message)};
  if (ended->term_signal != 0)
    return {Absence::Unknown,
            fmt::format("{} was ended by signal {}", program, ended->term_signal)};
  const std::string evidence = fmt::format("{} exited with {}", program, ended->exit_code);
  if (ended->exit_code == 0) return {Absence::Proved, evidence};
  return {ended->exit_code == 1 ? Absence::NotYet : Absence::Unknown, evidence};
}

// The answer of /v3/kv/range: int64 as strings or numbers, and what is 0 left out.
AbsenceAnswer read_range(const std::string& key, const std::string& body) {
  const Json answer = Json::parse(body, nullptr, false);
  const auto kvs = answer.find("kvs");
  const auto count = answer.find("count");
  const bool none = (kvs == answer.end() || kvs->empty()) &&
                    (count == answer.end() || *count == "0" || *count == 0);
  return none ? AbsenceAnswer{Absence::Proved,
                              fmt::format("etcd has no key {}: nobody holds it", key)}
              : AbsenceAnswer{Absence::NotYet, fmt::format("{} is still held in etcd", key)};
}

AbsenceAnswer ask_key(const AbsenceProof& proof, const ActionTools& tools,
                      std::chrono::milliseconds timeout, const std::stop_token& stop) {
  if (tools.http == nullptr) return {Absence::Unknown, "nothing is there to ask etcd with"};
  const std::string question =
      Json{{"key", encode_base64(proof.key)}, {"keys_only", true}, {"limit", "1"}}.dump();
  const auto body = ask_etcd(*tools.http, proof.etcd, "/v3/kv/range", question, timeout, stop);
  if (!body) return {Absence::Unknown, body.error().message};
  return read_range(proof.key, *body);
}

}  // namespace

AbsenceProof read_absence_proof(const YamlMap& map) {
  constexpr std::array kWays{"exec", "etcd", "zookeeper"};
  AbsenceProof proof;
  if (std::ranges::count_if(kWays, [&](const char* way) { return map.has(way); }) != 1) {
    map.error(fmt::format("a proof wants exactly one of {}", fmt::join(kWays, ", ")));
    return proof;
  }
  if (map.has("exec")) proof = read_exec(map.map("exec"));
  if (map.has("etcd")) proof = read_etcd(map.map("etcd"));
  if (map.has("zookeeper")) proof.zookeeper = read_held_node(map.map("zookeeper"));
  map.done();
  return proof;
}

std::string to_json(const AbsenceProof& proof) {
  Json json{{"argv", proof.argv},
            {"on", proof.on},
            {"etcd", proof.etcd.urls},
            {"key", proof.key},
            {"ca_file", proof.etcd.ca_file},
            {"cert_file", proof.etcd.cert_file},
            {"key_file", proof.etcd.key_file},
            {"zookeeper", proof.zookeeper.node.empty() ? std::string() : to_json(proof.zookeeper)}};
  if (!proof.etcd.user.empty()) {
    json["user"] = proof.etcd.user;
    json["password_file"] = proof.etcd.password_file;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<AbsenceProof> parse_absence_proof(const std::string& text) {
  AbsenceProof proof;
  try {
    const Json json = Json::parse(text);
    json.at("argv").get_to(proof.argv);
    json.at("on").get_to(proof.on);
    json.at("etcd").get_to(proof.etcd.urls);
    json.at("key").get_to(proof.key);
    json.at("ca_file").get_to(proof.etcd.ca_file);
    json.at("cert_file").get_to(proof.etcd.cert_file);
    json.at("key_file").get_to(proof.etcd.key_file);
    proof.etcd.user = json.value("user", std::string());
    proof.etcd.password_file = json.value("password_file", std::string());
    if (const auto held = json.value("zookeeper", std::string()); !held.empty()) {
      auto node = parse_held_node(held);
      if (!node) return fail(node.error());
      proof.zookeeper = *std::move(node);
      return proof;
    }
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no proof: {}", error.what()));
  }
  if (proof.etcd.urls.size() > kMostEtcdMembers)
    return fail(Errc::Invalid, "a proof asks too many members");
  const auto right =
      proof.etcd.urls.empty() ? check_argv("argv", proof.argv) : check_key(proof.key);
  if (!right) return fail(right.error());
  return proof;
}

Result<AbsenceProof> filled(const AbsenceProof& proof, const PlanRequest& request) {
  AbsenceProof ready = proof;
  auto argv = render_argv(proof.argv, request);
  if (!argv) return fail(argv.error());
  ready.argv = *std::move(argv);
  auto key = render_text(proof.key, request);
  if (!key) return fail(key.error());
  ready.key = *std::move(key);
  auto node = render_text(proof.zookeeper.node, request);
  if (!node) return fail(node.error());
  ready.zookeeper.node = *std::move(node);
  auto holder = render_text(proof.zookeeper.holder, request);
  if (!holder) return fail(holder.error());
  ready.zookeeper.holder = *std::move(holder);
  return ready;
}

AbsenceAnswer ask_absence(const AbsenceProof& proof, const ActionTools& tools,
                          std::chrono::milliseconds timeout, std::stop_token stop) {
  if (!proof.zookeeper.node.empty())
    return ask_held_node(proof.zookeeper, tools.self, timeout, stop);
  return proof.etcd.urls.empty() ? ask_program(proof, tools, timeout, std::move(stop))
                                 : ask_key(proof, tools, timeout, stop);
}

}  // namespace fieldmedic
