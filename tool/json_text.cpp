#include "tool/json_text.hpp"

#include <array>
#include <cstdint>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/utf8.hpp"

namespace fieldmedic::tool {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 64;

// The members that say in one line what an object is about, the best first.
constexpr std::array<std::string_view, 4> kSummaries{"summary", "title", "name", "type"};

// C0, DEL and C1 controls; marks that turn the direction of text or of a line, or hide.
bool is_harmless(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0) >= 0x20 && byte(0) != 0x7F;
  if (sequence.size() == 2) return byte(0) != 0xC2 || byte(1) >= 0xA0;
  if (sequence.size() != 3 || byte(0) != 0xE2) return true;
  const bool marks = byte(1) == 0x80 &&
                     ((byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE));
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA0 && byte(2) <= 0xAF;
  return !marks && !isolates;
}

std::string brief(const Json& json);

std::string brief_object(const Json& json) {
  const auto verdict = json.find("verdict");
  const auto evidence = json.find("evidence");
  if (verdict != json.end() && evidence != json.end())
    return brief(*verdict) + " (" + brief(*evidence) + ")";
  for (const std::string_view name : kSummaries)
    if (const auto found = json.find(name); found != json.end() && found->is_string())
      return brief(*found);
  return printable(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string brief(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return printable(json.get_ref<const std::string&>());
  if (json.is_object()) return brief_object(json);
  if (!json.is_array()) return json.dump();
  std::string text;
  for (const Json& element : json) text += (text.empty() ? "" : "; ") + brief(element);
  return text;
}

}  // namespace

struct JsonText::Value {
  Json json;
};

Result<JsonText> JsonText::parse(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  if (too_deep || !json.is_object())
    return fail(Errc::Malformed, "what answered is no remediator: its answer is no JSON object");
  return JsonText(std::make_shared<const Value>(std::move(json)));
}

std::string JsonText::text(std::string_view name) const {
  const auto found = value_->json.find(name);
  return found == value_->json.end() ? std::string() : brief(*found);
}

std::optional<JsonText> JsonText::member(std::string_view name) const {
  const auto found = value_->json.find(name);
  if (found == value_->json.end() || !found->is_object()) return std::nullopt;
  return JsonText(std::make_shared<const Value>(*found));
}

std::vector<JsonText> JsonText::elements(std::string_view name) const {
  std::vector<JsonText> elements;
  const auto found = value_->json.find(name);
  if (found == value_->json.end() || !found->is_array()) return elements;
  for (const Json& element : *found)
    if (element.is_object()) elements.push_back(JsonText(std::make_shared<const Value>(element)));
  return elements;
}

std::vector<std::pair<std::string, std::string>> JsonText::members() const {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, value] : value_->json.items())
    members.emplace_back(printable(name), brief(value));
  return members;
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (length != 0 && is_harmless(sequence))
      shown += sequence;
    else
      for (const char c : sequence) shown += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
    text.remove_prefix(sequence.size());
  }
  return shown;
}

}  // namespace fieldmedic::tool
