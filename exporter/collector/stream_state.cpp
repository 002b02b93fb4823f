#include "exporter/collector/stream_state.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {
namespace {

using nlohmann::json;

constexpr std::string_view kHead = "fieldmedic-exporter-state 1 ";
constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kMostBytes = 16uz * 1024 * 1024;
constexpr std::size_t kMostStreams = 4096;
constexpr std::size_t kMostNumbers = 1024;

// FNV-1a of all of it.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

json to_json(const TailPosition& at) {
  return json::array({at.path, at.file.device, at.file.inode, at.offset, at.mark.length,
                      at.mark.hash, at.skipping, at.context});
}

json to_json(const StreamState& state) {
  json files = json::array();
  for (const auto& file : state.files) files.push_back(to_json(file));
  return {{"patterns", state.patterns}, {"files", std::move(files)}, {"numbers", state.numbers}};
}

bool is_position(const json& value) {
  if (!value.is_array() || value.size() != 8 || !value[0].is_string() || !value[6].is_boolean()) {
    return false;
  }
  for (const std::size_t number : {1UZ, 2UZ, 3UZ, 4UZ, 5UZ, 7UZ}) {
    if (!value[number].is_number_unsigned()) return false;
  }
  return value[4].get<std::uint64_t>() <= Mark::kMost &&
         value[4].get<std::uint64_t>() <= value[3].get<std::uint64_t>() &&
         value[3].get<std::uint64_t>() <= INT64_MAX && value[7].get<std::uint64_t>() <= UINT32_MAX;
}

TailPosition to_position(const json& value) {
  return {.path = value[0].get<std::string>(),
          .file = {value[1].get<std::uint64_t>(), value[2].get<std::uint64_t>()},
          .offset = value[3].get<std::uint64_t>(),
          .mark = {value[4].get<std::uint32_t>(), value[5].get<std::uint64_t>()},
          .skipping = value[6].get<bool>(),
          .context = value[7].get<std::uint32_t>()};
}

std::optional<StreamState> to_state(const json& value) {
  if (!value.is_object() || value.size() != 3) return std::nullopt;
  const json patterns = value.value("patterns", json());
  const json files = value.value("files", json());
  const json numbers = value.value("numbers", json());
  if (!patterns.is_array() || !files.is_array() || !numbers.is_object()) return std::nullopt;
  if (patterns.size() > kMostStreamFiles || files.size() > kMostStreamFiles ||
      numbers.size() > kMostNumbers) {
    return std::nullopt;
  }
  StreamState state;
  for (const auto& pattern : patterns) {
    if (!pattern.is_string()) return std::nullopt;
    state.patterns.push_back(pattern.get<std::string>());
  }
  for (const auto& file : files) {
    if (!is_position(file)) return std::nullopt;
    state.files.push_back(to_position(file));
  }
  for (const auto& [name, number] : numbers.items()) {
    if (!number.is_number() || !std::isfinite(number.get<double>())) return std::nullopt;
    state.numbers[name] = number.get<double>();
  }
  return state;
}

// No callback may throw, and neither may the depth of the text use up the stack.
std::optional<json> parse(std::string_view text) {
  constexpr int kDeepest = 6;
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= kDeepest; };
  json parsed = json::parse(text.begin(), text.end(), shallow, false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed;
}

}  // namespace

std::string encode_states(const StreamStates& states) {
  json streams = json::object();
  for (const auto& [name, state] : states) streams[name] = to_json(state);
  // A path need not be UTF-8: such a position is not found again, and its file begins anew.
  const auto body = streams.dump(-1, ' ', true, json::error_handler_t::replace);
  return fmt::format("{}{:016x}\n{}\n", kHead, checksum(body), body);
}

Result<StreamStates> decode_states(std::string_view text) {
  if (text.size() > kMostBytes) return fail(Errc::Malformed, "larger than 16 MiB");
  if (!text.starts_with(kHead)) return fail(Errc::Malformed, "no state file of this exporter");
  text.remove_prefix(kHead.size());
  std::uint64_t wanted = 0;
  const auto digits = text.substr(0, kHashDigits);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), wanted, 16);
  if (error != std::errc{} || end != digits.data() + kHashDigits ||
      text.substr(kHashDigits, 1) != "\n" || !text.ends_with('\n')) {
    return fail(Errc::Malformed, "cut off");
  }
  const auto body = text.substr(kHashDigits + 1, text.size() - kHashDigits - 2);
  if (checksum(body) != wanted) return fail(Errc::Malformed, "cut off or changed by somebody else");
  const auto parsed = parse(body);
  if (!parsed || !parsed->is_object() || parsed->size() > kMostStreams) {
    return fail(Errc::Malformed, "no object of streams");
  }
  StreamStates states;
  for (const auto& [name, value] : parsed->items()) {
    auto state = to_state(value);
    if (!state) return fail(Errc::Malformed, fmt::format("stream {} is none", name.substr(0, 80)));
    states[name] = std::move(*state);
  }
  return states;
}

}  // namespace fieldmedic
