#include "remediator/reach/etcd_keys.hpp"

#include <charconv>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/base64.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr const char* kTxn = "/v3/kv/txn";

// int64 comes as a string or as a number, and is left out where it is 0. Negative: it is none.
std::int64_t number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return 0;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  const auto text = found->is_string() ? found->get<std::string>() : std::string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

Result<KeyState> state_of(const Json& response) {
  const Json& range = response.at("response_range");
  const auto kvs = range.find("kvs");
  if (kvs == range.end() || kvs->empty()) return KeyState{};
  const Json& kv = kvs->at(0);
  auto value = decode_base64(kv.value("value", std::string()));
  if (!value) return fail(Errc::Malformed, "etcd: a value is no base64");
  if (value->size() > kLargestValue)
    return fail(Errc::TooLarge, fmt::format("etcd: a value of {} bytes, at most {} are dealt with",
                                            value->size(), kLargestValue));
  KeyState state{true, *std::move(value), number_of(kv, "mod_revision"), 0,
                 number_of(kv, "lease") != 0};
  if (state.revision <= 0) return fail(Errc::Malformed, "etcd: a key without a revision");
  state.version = state.revision;
  return state;
}

Json compare(const std::string& key, const KeyState& seen) {
  return {{"key", encode_base64(key)},
          {"target", "MOD"},
          {"result", "EQUAL"},
          {"mod_revision", std::to_string(seen.version)}};
}

Json range_of(const std::string& key) {
  return {{"request_range", {{"key", encode_base64(key)}}}};
}

Json put(const std::string& key, const std::optional<std::string>& value) {
  if (!value) return {{"request_delete_range", {{"key", encode_base64(key)}}}};
  return {{"request_put", {{"key", encode_base64(key)}, {"value", encode_base64(*value)}}}};
}

}  // namespace

Result<KeySight> parse_key_sight(const std::string& body) {
  try {
    const Json responses = Json::parse(body).at("responses");
    const auto key = state_of(responses.at(0));
    if (!key) return fail(key.error());
    const auto record = state_of(responses.at(1));
    if (!record) return fail(record.error());
    return KeySight{*key, *record};
  } catch (const Json::exception&) {
    return fail(Errc::Malformed, "etcd: the answer holds not what was asked for");
  }
}

Result<KeySight> EtcdKeys::read(std::chrono::milliseconds timeout, const std::stop_token& stop) {
  // Not marked serializable: the member asks its quorum before it answers.
  const std::string question =
      Json{{"success", Json::array({range_of(key_), range_of(record_)})}}.dump();
  const auto body = ask_etcd(http_, access_, kTxn, question, timeout, stop);
  if (!body) return fail(body.error());
  return parse_key_sight(*body);
}

Status EtcdKeys::exchange(const KeySight& seen, const KeyChange& change,
                          std::chrono::milliseconds timeout, const std::stop_token& stop) {
  const std::string order =
      Json{{"compare", Json::array({compare(key_, seen.key), compare(record_, seen.record)})},
           {"success", Json::array({put(key_, change.value), put(record_, change.record)})}}
          .dump();
  const auto body = ask_etcd(http_, access_, kTxn, order, timeout, stop);
  if (!body) return fail(body.error());
  const Json answer = Json::parse(*body, nullptr, false);
  const auto succeeded = answer.find("succeeded");
  if (succeeded != answer.end() && *succeeded == true) return {};
  return fail(Errc::Conflict, fmt::format("etcd: {} was changed since it was looked at", key_));
}

}  // namespace fieldmedic
