#include "remediator/actions/key_step.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/base64.hpp"
#include "common/crash_point.hpp"
#include "common/sha256.hpp"
#include "remediator/actions/change_time.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kPutBack = "put_back";
constexpr milliseconds kRead{5'000};

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_as_seen(const KeyStep& step, const KeySight& sight) {
  return sight.key.revision == step.key_revision && sight.record.revision == step.record_revision &&
         digest_of(sight.key) == step.was;
}

// Whether it is there, done by this attempt or, put back, by whomever.
bool is_done(const KeyStep& step, const KeySight& sight, const core::AttemptId& attempt) {
  switch (step.deed) {
    case KeyDeed::Divert: return is_made_by(sight, attempt);
    case KeyDeed::PutBack: return !sight.record.there && digest_of(sight.key) == step.sha256;
  }
  return false;
}

std::string in_words(const KeyStep& step) {
  return step.deed == KeyDeed::Divert ? fmt::format("{} is set", step.key)
                                      : fmt::format("{} is as it was", step.key);
}

// None: the record is not one of ours.
std::optional<KeyChange> change_of(const KeyStep& step, const KeySight& sight,
                                   const core::AttemptId& attempt) {
  if (step.deed == KeyDeed::Divert) {
    std::optional<std::string> was;
    if (sight.key.there) was = sight.key.value;
    return KeyChange{step.value, record_text({attempt, std::move(was)})};
  }
  auto record = parse_record(sight.record.value);
  if (!record) return std::nullopt;
  return KeyChange{std::move(record->was), std::nullopt};
}

// An order whose answer was lost is settled by reading where it was made; where it was not, it may
// still come.
ApplyAnswer settle(const KeyStep& step, const ApplyRequest& request, const Error& error,
                   KeyStore& store, milliseconds time, const std::stop_token& stop) {
  const auto now = store.read(time, stop);
  if (now && is_done(step, *now, request.attempt)) return {Applied::Done, in_words(step)};
  if (now && error.code == Errc::Conflict) return {Applied::WorldDiffers, error.message};
  const bool nothing = nothing_changed(error.code) && error.code != Errc::Conflict;
  return {nothing ? Applied::Refused : Applied::Unknown, error.message};
}

}  // namespace

std::string record_text(const KeyRecord& record) {
  Json json{{"attempt", record.attempt}, {"was", nullptr}};
  if (record.was) json["was"] = encode_base64(*record.was);
  return text_of(json);
}

std::optional<KeyRecord> parse_record(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("attempt") || !json.contains("was") ||
      !json["attempt"].is_string())
    return std::nullopt;
  KeyRecord record{json["attempt"].get<std::string>(), std::nullopt};
  if (json["was"].is_null()) return record;
  if (!json["was"].is_string()) return std::nullopt;
  record.was = decode_base64(json["was"].get<std::string>());
  if (!record.was) return std::nullopt;
  return record;
}

core::Step write_key_step(std::string name, const KeyStep& step) {
  Json wanted{{"do", step.deed == KeyDeed::Divert ? "divert" : kPutBack},
              {"key", step.key},
              {"record", step.record},
              {"sha256", step.sha256}};
  if (step.deed == KeyDeed::Divert) wanted["value"] = step.value;
  return {.name = std::move(name),
          .seen = text_of({{"key_revision", step.key_revision},
                           {"record_revision", step.record_revision},
                           {"was", step.was},
                           {"planned_at_ms", step.planned_at.time_since_epoch().count()}}),
          .wanted = text_of(wanted)};
}

Result<KeyStep> read_key_step(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    const Json wanted = Json::parse(step.wanted);
    KeyStep read;
    read.deed = wanted.at("do") == kPutBack ? KeyDeed::PutBack : KeyDeed::Divert;
    read.key = wanted.at("key").get<std::string>();
    read.record = wanted.at("record").get<std::string>();
    read.sha256 = wanted.at("sha256").get<std::string>();
    if (read.deed == KeyDeed::Divert) read.value = wanted.at("value").get<std::string>();
    read.was = seen.at("was").get<std::string>();
    read.key_revision = seen.at("key_revision").get<std::int64_t>();
    read.record_revision = seen.at("record_revision").get<std::int64_t>();
    read.planned_at = WallTime(milliseconds(seen.at("planned_at_ms").get<std::int64_t>()));
    return read;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of data_divert: {}", error.what()));
  }
}

std::string digest_of(const KeyState& state) {
  return state.there ? sha256_of(state.value) : std::string();
}

bool is_made_by(const KeySight& sight, const core::AttemptId& attempt) {
  if (!sight.key.there || !sight.record.there || sight.key.revision != sight.record.revision)
    return false;
  const auto record = parse_record(sight.record.value);
  return record && record->attempt == attempt;
}

ApplyAnswer apply_key_step(const KeyStep& step, const ApplyRequest& request, KeyStore& store,
                           const Clock& clock, const std::stop_token& stop) {
  const milliseconds time = time_for_change(step.planned_at, clock.wall(), request.timeout) / 3;
  if (time.count() == 0) return {Applied::WorldDiffers, "too much time has passed since the plan"};
  const auto sight = store.read(time, stop);
  if (!sight) return {Applied::Refused, sight.error().message};
  if (!is_as_seen(step, *sight))
    return {Applied::WorldDiffers, fmt::format("{} was changed since the plan", step.key)};
  const auto change = change_of(step, *sight, request.attempt);
  if (!change) return {Applied::Refused, "the record beside the key is not one of ours"};
  if (stop.stop_requested()) return cancelled_before_change();
  crash_point("before_exchange", "key");
  const Status done = store.exchange(*sight, *change, time, stop);
  crash_point("after_exchange", "key");
  if (done) return {Applied::Done, in_words(step)};
  return settle(step, request, done.error(), store, time, stop);
}

ConfirmAnswer confirm_key_step(const KeyStep& step, const ApplyRequest& request, KeyStore& store,
                               const Clock& clock, const std::stop_token& stop) {
  const auto sight = store.read(std::min(request.timeout, kRead), stop);
  if (!sight) return {Confirmed::Unknown, sight.error().message};
  if (is_done(step, *sight, request.attempt)) return {Confirmed::Applied, in_words(step)};
  if (!is_as_seen(step, *sight))
    return {Confirmed::NotApplied, fmt::format("{} was changed by another", step.key)};
  if (may_still_come(step.planned_at, clock.wall()))
    return {Confirmed::InProgress, "what was ordered may still come"};
  return {Confirmed::NotApplied, fmt::format("{} is as the plan saw it", step.key)};
}

}  // namespace fieldmedic
