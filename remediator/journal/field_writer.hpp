// Stored types as JSON, by the lists of their fields: what the codecs of events and of snapshots
// share. Included by those alone, since it shows the JSON library.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "remediator/core/incident.hpp"
#include "remediator/journal/field_list.hpp"

namespace fieldmedic::journal {

using Json = nlohmann::ordered_json;  // keys stay in the order of Fields

// What dump() may recurse into; nothing of ours comes near.
inline constexpr int kDeepest = 100;

template <class T>
concept Described = requires { Fields<T>::list; };
template <class T>
concept Enumeration = std::is_enum_v<T>;

// JSON text that nests deeper is not JSON to us.
[[nodiscard]] inline Json parse_bounded(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json parsed = Json::parse(text, watch, false);
  return too_deep ? Json(Json::value_t::discarded) : parsed;
}

inline Json written(const std::string& text) {
  return text;
}
inline Json written(const std::pair<std::string, std::string>& pair) {
  return Json::array({pair.first, pair.second});
}
inline Json written(core::Time time) {
  return time.time_since_epoch().count();
}
inline Json written(core::Duration duration) {
  return duration.count();
}
inline Json written(const core::LabelMap& labels) {
  Json object = Json::object();
  for (const auto& [name, value] : labels) object.emplace(name, value);
  return object;
}
// A word, as it was before alerts had names, or a pair.
inline Json written(const core::HeldAlert& alert) {
  const std::string status(to_string(alert.status));
  return alert.name.empty() ? Json(status) : Json::array({status, alert.name});
}
Json written(std::integral auto number) {
  return number;
}
Json written(Enumeration auto value) {
  return std::string(to_string(value));
}
template <Described T>
Json written(const T& object);
template <class T>
Json written(const std::optional<T>& value) {
  return value ? written(*value) : Json(nullptr);
}
template <class T>
Json written(const std::vector<T>& elements) {
  Json array = Json::array();
  for (const auto& element : elements) array.push_back(written(element));
  return array;
}
template <class T>
Json written(const std::deque<T>& elements) {
  Json array = Json::array();
  for (const auto& element : elements) array.push_back(written(element));
  return array;
}
template <class T>
Json written(const std::set<T>& elements) {
  Json array = Json::array();
  for (const auto& element : elements) array.push_back(written(element));
  return array;
}
// A list of pairs: the key may be anything.
template <class Key, class Value>
Json written(const std::map<Key, Value>& entries) {
  Json array = Json::array();
  for (const auto& [key, value] : entries)
    array.push_back(Json::array({written(key), written(value)}));
  return array;
}

template <class Owner, class Member>
void write_field(Json&, const Owner&, const Elsewhere<Owner, Member>&) {}

template <class Owner, class Member>
void write_field(Json& object, const Owner& owner, const Field<Owner, Member>& field) {
  object.emplace(field.name, written(owner.*field.member));
}

template <class Owner, class Member>
void write_field(Json& object, const Owner& owner, const LaterField<Owner, Member>& field) {
  if (owner.*field.member == Owner{}.*field.member) return;
  object.emplace(field.name, written(owner.*field.member));
}

// Text that is no JSON object stays readable as the string that it is.
template <class Owner>
void write_field(Json& object, const Owner& owner, const JsonField<Owner>& field) {
  const std::string& text = owner.*field.member;
  Json parsed = parse_bounded(text);
  object.emplace(field.name, parsed.is_object() ? std::move(parsed) : Json(text));
}

template <Described T>
void write_fields(Json& object, const T& owner) {
  static_assert(std::tuple_size_v<decltype(Fields<T>::list)> == journal::member_count<T>(),
                "a member of this type is not stored: name it in event_fields.hpp");
  std::apply([&](const auto&... field) { (write_field(object, owner, field), ...); },
             Fields<T>::list);
}

template <Described T>
Json written(const T& owner) {
  Json object = Json::object();
  write_fields(object, owner);
  return object;
}

inline std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fieldmedic::journal
