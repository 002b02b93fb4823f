#include "remediator/journal/json_text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace fieldmedic::journal {
namespace {

using Json = nlohmann::ordered_json;  // keys stay in their order

// What dump() may recurse into; nothing of ours comes near.
constexpr int kDeepest = 100;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_plain(char byte) {
  return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  if (!std::ranges::all_of(text, is_plain)) {
    out += text_of(Json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

std::optional<std::string> compact_object(std::string_view text) {
  if (text == "{}") return std::string(text);
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  const Json parsed = Json::parse(text, watch, false);
  if (too_deep || !parsed.is_object()) return std::nullopt;
  return text_of(parsed);
}

}  // namespace fieldmedic::journal
