#include "remediator/actions/absence_proof.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "common/config_fields.hpp"
#include "common/http_client.hpp"
#include "common/tls_client.hpp"
#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/program_argv.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostMembers = 9;
constexpr std::size_t kLongestKey = 1024;  // bytes
constexpr std::size_t kAnswerLimit = 64 * 1024;
constexpr std::size_t kOutputLimit = 4 * 1024;

// RFC 4648 with padding, as etcd's JSON gateway wants keys.
std::string base64(std::string_view text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

Result<std::string> fill(const std::string& text, const PlanRequest& request) {
  const auto parsed = parse_placeholders(text);
  if (!parsed) return fail(parsed.error());
  return parsed->render([&](std::string_view name) { return placeholder_value(name, request); });
}

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

void check_tls(const YamlMap& map, const AbsenceProof& proof) {
  const TlsClientConfig tls{
      .ca_file = proof.ca_file, .cert_file = proof.cert_file, .key_file = proof.key_file};
  const std::array files{&tls.ca_file, &tls.cert_file, &tls.key_file};
  // A path that is none has been told.
  if (!std::ranges::all_of(files, [](const auto* f) { return f->empty() || f->starts_with('/'); }))
    return;
  for (const TlsFault& fault : check_files(tls))
    map.error(fault.key, fmt::format("'{}' {}", fault.key, fault.what));
}

AbsenceProof read_etcd(const YamlMap& map) {
  AbsenceProof proof;
  map.require("urls");
  map.require("key");
  for (std::string& url : read_urls(map, "urls")) {
    // It is journaled, and asked for a path of its own.
    if (url.find_first_of("?#") != std::string::npos)
      map.error("urls", "each element of 'urls' wants no query or fragment");
    while (url.ends_with('/')) url.pop_back();
    proof.etcd.push_back(std::move(url));
  }
  if (proof.etcd.size() > kMostMembers)
    map.error("urls", fmt::format("'urls' wants at most {}", kMostMembers));
  proof.key = map.string("key", "");
  if (auto right = check_key(proof.key); map.has("key") && !right)
    map.error("key", right.error().message);
  proof.ca_file = read_path(map, "ca_file");
  proof.cert_file = read_path(map, "cert_file");
  proof.key_file = read_path(map, "key_file");
  check_tls(map, proof);
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

// Every answer of a member names its cluster, itself and its term: what has no such header may be
// anybody's, and says nothing about a key.
bool is_of_etcd(const Json& answer) {
  const auto header = answer.find("header");
  if (header == answer.end() || !header->is_object()) return false;
  return std::ranges::all_of(std::array{"cluster_id", "member_id", "raft_term"},
                             [&](const char* key) { return header->contains(key); });
}

// The answer of /v3/kv/range: int64 as strings or numbers, and what is 0 left out.
AbsenceAnswer read_range(const std::string& url, const std::string& key,
                         const HttpResponse& response) {
  const Json answer = Json::parse(response.body, nullptr, false);
  if (response.status != 200 || !answer.is_object() || !is_of_etcd(answer))
    return {Absence::Unknown, fmt::format("{} answers {} and no range", url, response.status)};
  const auto kvs = answer.find("kvs");
  const auto count = answer.find("count");
  const bool none = (kvs == answer.end() || kvs->empty()) &&
                    (count == answer.end() || *count == "0" || *count == 0);
  return none ? AbsenceAnswer{Absence::Proved,
                              fmt::format("etcd has no key {}: nobody holds it", key)}
              : AbsenceAnswer{Absence::NotYet, fmt::format("{} is still held in etcd", key)};
}

AbsenceAnswer ask_etcd(const AbsenceProof& proof, const ActionTools& tools,
                       std::chrono::milliseconds timeout, const std::stop_token& stop) {
  AbsenceAnswer last{Absence::Unknown, "nothing is there to ask etcd with"};
  if (tools.http == nullptr) return last;
  for (const std::string& url : proof.etcd) {
    HttpRequest request;
    request.method = "POST";
    request.url = url + "/v3/kv/range";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = Json{{"key", base64(proof.key)}, {"keys_only", true}, {"limit", "1"}}.dump();
    request.tls.ca_file = proof.ca_file;
    request.tls.cert_file = proof.cert_file;
    request.tls.key_file = proof.key_file;
    request.timeout = timeout / static_cast<int>(proof.etcd.size());
    request.body_limit = kAnswerLimit;
    const auto response = tools.http->send(request, stop);
    last = response ? read_range(url, proof.key, *response)
                    : AbsenceAnswer{Absence::Unknown, response.error().message};
    if (last.absence != Absence::Unknown) return last;
  }
  return last;
}

}  // namespace

AbsenceProof read_absence_proof(const YamlMap& map) {
  const bool exec = map.has("exec");
  if (exec == map.has("etcd")) {
    map.error("a proof wants exactly one of exec, etcd");
    return {};
  }
  AbsenceProof proof = exec ? read_exec(map.map("exec")) : read_etcd(map.map("etcd"));
  map.done();
  return proof;
}

std::string to_json(const AbsenceProof& proof) {
  return Json{{"argv", proof.argv},        {"on", proof.on},
              {"etcd", proof.etcd},        {"key", proof.key},
              {"ca_file", proof.ca_file},  {"cert_file", proof.cert_file},
              {"key_file", proof.key_file}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<AbsenceProof> parse_absence_proof(const std::string& text) {
  AbsenceProof proof;
  try {
    const Json json = Json::parse(text);
    json.at("argv").get_to(proof.argv);
    json.at("on").get_to(proof.on);
    json.at("etcd").get_to(proof.etcd);
    json.at("key").get_to(proof.key);
    json.at("ca_file").get_to(proof.ca_file);
    json.at("cert_file").get_to(proof.cert_file);
    json.at("key_file").get_to(proof.key_file);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no proof: {}", error.what()));
  }
  if (proof.etcd.size() > kMostMembers) return fail(Errc::Invalid, "a proof asks too many members");
  const auto right = proof.etcd.empty() ? check_argv("argv", proof.argv) : check_key(proof.key);
  if (!right) return fail(right.error());
  return proof;
}

Result<AbsenceProof> filled(const AbsenceProof& proof, const PlanRequest& request) {
  AbsenceProof ready = proof;
  auto argv = render_argv(proof.argv, request);
  if (!argv) return fail(argv.error());
  ready.argv = *std::move(argv);
  auto key = fill(proof.key, request);
  if (!key) return fail(key.error());
  ready.key = *std::move(key);
  return ready;
}

AbsenceAnswer ask_absence(const AbsenceProof& proof, const ActionTools& tools,
                          std::chrono::milliseconds timeout, std::stop_token stop) {
  return proof.etcd.empty() ? ask_program(proof, tools, timeout, std::move(stop))
                            : ask_etcd(proof, tools, timeout, stop);
}

}  // namespace fieldmedic
