// Stored types back from JSON, by the lists of their fields; the other half of field_writer.hpp.
// Errc::Malformed names the field.
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

#include "common/result.hpp"
#include "remediator/journal/field_writer.hpp"

namespace fieldmedic::journal {

inline std::unexpected<Error> unfit(std::string_view wanted, const Json& found) {
  return fail(Errc::Malformed, fmt::format("wants {}, got {}", wanted, found.type_name()));
}

inline Status read(const Json& json, std::string& text) {
  if (!json.is_string()) return unfit("a string", json);
  text = json.get_ref<const std::string&>();
  return {};
}

inline Status read(const Json& json, bool& value) {
  if (!json.is_boolean()) return unfit("true or false", json);
  value = json.get<bool>();
  return {};
}

template <std::integral Number>
Status read(const Json& json, Number& number) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (!std::in_range<Number>(value)) return unfit("a smaller number", json);
    number = static_cast<Number>(value);
    return {};
  }
  if (!json.is_number_integer()) return unfit("a whole number", json);
  const auto value = json.get<std::int64_t>();
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
  if (!json.is_string()) return unfit("a word", json);
  const auto& word = json.get_ref<const std::string&>();
  for (int number = 0; to_string(static_cast<T>(number)) != "invalid"; ++number) {
    value = static_cast<T>(number);
    if (to_string(value) == word) return {};
  }
  return fail(Errc::Malformed, "not a word that this version knows");
}

inline Status read(const Json& json, std::pair<std::string, std::string>& pair) {
  if (!json.is_array() || json.size() != 2) return unfit("a pair of strings", json);
  if (auto status = read(json[0], pair.first); !status) return status;
  return read(json[1], pair.second);
}

inline Status read(const Json& json, core::HeldAlert& alert) {
  if (!json.is_array()) return read(json, alert.status);
  if (json.size() != 2) return unfit("a pair", json);
  if (auto status = read(json[0], alert.status); !status) return status;
  return read(json[1], alert.name);
}

inline Status read(const Json& json, core::LabelMap& labels) {
  if (!json.is_object()) return unfit("an object of strings", json);
  for (const auto& [name, value] : json.items())
    if (auto status = read(value, labels[name]); !status) return wrap(status.error(), name);
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
  if (!json.is_array()) return unfit("a list", json);
  elements.reserve(json.size());
  for (const auto& element : json)
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
  if (!json.is_array()) return unfit("a list of pairs", json);
  for (const auto& entry : json) {
    if (!entry.is_array() || entry.size() != 2) return unfit("a pair", entry);
    Key key;
    if (auto status = read(entry[0], key); !status) return status;
    if (auto status = read(entry[1], entries[std::move(key)]); !status) return status;
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
  owner.*field.member = text_of(json);
  return {};
}

template <class Owner, class AnyField>
Status read_field(const Json& object, Owner& owner, const AnyField& field) {
  const auto found = object.find(field.name);
  if (found == object.end()) return fail(Errc::Malformed, fmt::format("no '{}'", field.name));
  if (auto status = read_value(*found, owner, field); !status)
    return wrap(status.error(), field.name);
  return {};
}

template <class Owner, class Member>
Status read_field(const Json&, Owner&, const Elsewhere<Owner, Member>&) {
  return {};
}

template <class Owner, class Member>
Status read_field(const Json& object, Owner& owner, const LaterField<Owner, Member>& field) {
  const auto found = object.find(field.name);
  if (found == object.end()) return {};
  if (auto status = read(*found, owner.*field.member); !status)
    return wrap(status.error(), field.name);
  return {};
}

template <Described T>
Status read(const Json& json, T& owner) {
  if (!json.is_object()) return unfit("an object", json);
  Status status;
  std::apply(
      [&](const auto&... field) {
        // The first that fails ends it.
        const bool all = ((status = read_field(json, owner, field)).has_value() && ...);
        static_cast<void>(all);
      },
      Fields<T>::list);
  return status;
}

}  // namespace fieldmedic::journal
