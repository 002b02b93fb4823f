// Stored types back from JSON, by the lists of their fields; the other half of field_writer.hpp.
// Errc::Malformed names the field. Included by the codecs alone, since it shows the JSON library.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/result.hpp"
#include "remediator/journal/field_writer.hpp"
#include "remediator/journal/json_value.hpp"

namespace fieldmedic::journal {

inline Status read(const Json& json, std::string& text) {
  std::string_view view;
  if (json.get(view) != simdjson::SUCCESS) return unfit("a string", json);
  text = view;
  return {};
}

inline Status read(const Json& json, bool& value) {
  return json.get(value) == simdjson::SUCCESS ? Status{} : unfit("true or false", json);
}

template <std::integral Number>
Status read(const Json& json, Number& number) {
  if (std::uint64_t value = 0; json.get(value) == simdjson::SUCCESS) {
    if (!std::in_range<Number>(value)) return unfit("a smaller number", json);
    number = static_cast<Number>(value);
    return {};
  }
  std::int64_t value = 0;
  if (json.get(value) != simdjson::SUCCESS) return unfit("a whole number", json);
  if (!std::in_range<Number>(value)) return unfit("a number in range", json);
  number = static_cast<Number>(value);
  return {};
}

inline Status read(const Json& json, core::Duration& duration) {
  core::Duration::rep count = 0;
  if (auto status = read(json, count); !status) return status;
  duration = core::Duration(count);
  return {};
}

inline Status read(const Json& json, core::Time& time) {
  core::Duration since_epoch{0};
  if (auto status = read(json, since_epoch); !status) return status;
  time = core::Time(since_epoch);
  return {};
}

// Every enumerator of ours has a name, and its number follows the one before.
template <Enumeration T>
Status read(const Json& json, T& value) {
  std::string_view word;
  if (json.get(word) != simdjson::SUCCESS) return unfit("a word", json);
  for (int number = 0; to_string(static_cast<T>(number)) != "invalid"; ++number) {
    value = static_cast<T>(number);
    if (to_string(value) == word) return {};
  }
  return fail(Errc::Malformed, "not a word that this version knows");
}

inline Status read(const Json& json, std::pair<std::string, std::string>& pair) {
  const auto both = pair_of(json);
  if (!both) return unfit("a pair of strings", json);
  if (auto status = read(both->first, pair.first); !status) return status;
  return read(both->second, pair.second);
}

inline Status read(const Json& json, core::HeldAlert& alert) {
  if (!json.is_array()) return read(json, alert.status);
  const auto both = pair_of(json);
  if (!both) return unfit("a pair", json);
  if (auto status = read(both->first, alert.status); !status) return status;
  return read(both->second, alert.name);
}

inline Status read(const Json& json, core::LabelMap& labels) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) return unfit("an object of strings", json);
  for (const auto [name, value] : object) {
    const auto place = labels.try_emplace(labels.end(), std::string(name));
    if (auto status = read(value, place->second); !status) return wrap(status.error(), name);
  }
  return {};
}

inline Status read(const Json& json, core::PackedLabels& labels) {
  core::LabelMap map;
  if (auto status = read(json, map); !status) return status;
  labels = map;
  return {};
}

template <Described T>
Status read(const Json& json, T& owner);

template <class T>
Status read(const Json& json, std::optional<T>& value) {
  if (json.is_null()) return {};
  return read(json, value.emplace());
}

template <class T>
Status read(const Json& json, std::vector<T>& elements) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) return unfit("a list", json);
  elements.reserve(array.size());
  for (const Json element : array)
    if (auto status = read(element, elements.emplace_back()); !status)
      return wrap(status.error(), fmt::format("[{}]", elements.size() - 1));
  return {};
}

template <class T>
Status read(const Json& json, std::deque<T>& elements) {
  std::vector<T> list;
  if (auto status = read(json, list); !status) return status;
  elements.assign(std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  return {};
}

template <class T>
Status read(const Json& json, std::set<T>& elements) {
  std::vector<T> list;
  if (auto status = read(json, list); !status) return status;
  elements.insert(list.begin(), list.end());
  return {};
}

template <class Key, class Value>
Status read(const Json& json, std::map<Key, Value>& entries) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) return unfit("a list of pairs", json);
  for (const Json entry : array) {
    const auto both = pair_of(entry);
    if (!both) return unfit("a pair", entry);
    Key key;
    if (auto status = read(both->first, key); !status) return status;
    if (auto status = read(both->second, entries[std::move(key)]); !status) return status;
  }
  return {};
}

template <class Owner, class Member>
Status read_value(const Json& json, Owner& owner, const Field<Owner, Member>& field) {
  return read(json, owner.*field.member);
}

template <class Owner>
Status read_value(const Json& json, Owner& owner, const JsonField<Owner>& field) {
  if (json.is_string()) return read(json, owner.*field.member);
  if (!json.is_object()) return unfit("an object", json);
  auto object = compact_object(simdjson::minify(json));
  if (!object) return fail(Errc::Malformed, "nests too deep");
  owner.*field.member = *std::move(object);
  return {};
}

template <class Owner, class AnyField>
Status read_field(Members& members, Owner& owner, const AnyField& field) {
  const auto found = members.find(field.name);
  if (!found) return fail(Errc::Malformed, fmt::format("no '{}'", field.name));
  if (auto status = read_value(*found, owner, field); !status)
    return wrap(status.error(), field.name);
  return {};
}

template <class Owner, class Member>
Status read_field(Members&, Owner&, const Elsewhere<Owner, Member>&) {
  return {};
}

template <class Owner, class Member>
Status read_field(Members& members, Owner& owner, const LaterField<Owner, Member>& field) {
  const auto found = members.find(field.name);
  if (!found) return {};
  if (auto status = read(*found, owner.*field.member); !status)
    return wrap(status.error(), field.name);
  return {};
}

template <Described T>
Status read(const Json& json, T& owner) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) return unfit("an object", json);
  Members members(object);
  Status status;
  std::apply(
      [&](const auto&... field) {
        // The first that fails ends it.
        const bool all = ((status = read_field(members, owner, field)).has_value() && ...);
        static_cast<void>(all);
      },
      Fields<T>::list);
  return status;
}

}  // namespace fieldmedic::journal
