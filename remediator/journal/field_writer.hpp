// Stored types as JSON text, by the lists of their fields: what the codecs of events and of
// snapshots share. Text is appended as it goes: a tree of values in between would cost more than
// all the rest of a commit.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "remediator/core/incident.hpp"
#include "remediator/journal/field_list.hpp"
#include "remediator/journal/json_text.hpp"

namespace fieldmedic::journal {

template <class T>
concept Described = requires { Fields<T>::list; };
template <class T>
concept Enumeration = std::is_enum_v<T>;

// Before each member of an object and each element of a list; nothing that was written before ends
// with an opening bracket.
inline void separate(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out += ',';
}
inline void write_name(std::string& out, std::string_view name) {
  separate(out);
  append_quoted(out, name);
  out += ':';
}

inline void write(std::string& out, const std::string& text) {
  append_quoted(out, text);
}
inline void write(std::string& out, bool value) {
  out += value ? "true" : "false";
}
void write(std::string& out, std::integral auto number) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr);
}
inline void write(std::string& out, core::Duration duration) {
  write(out, duration.count());
}
inline void write(std::string& out, core::Time time) {
  write(out, time.time_since_epoch().count());
}
void write(std::string& out, Enumeration auto value) {
  append_quoted(out, to_string(value));
}
inline void write(std::string& out, const std::pair<std::string, std::string>& pair) {
  out += '[';
  append_quoted(out, pair.first);
  out += ',';
  append_quoted(out, pair.second);
  out += ']';
}
inline void write(std::string& out, const core::LabelMap& labels) {
  out += '{';
  for (const auto& [name, value] : labels) {
    write_name(out, name);
    append_quoted(out, value);
  }
  out += '}';
}
inline void write(std::string& out, const core::PackedLabels& labels) {
  write(out, labels.unpacked());
}
// A word, as it was before alerts had names, or a pair.
inline void write(std::string& out, const core::HeldAlert& alert) {
  if (alert.name.empty()) return write(out, alert.status);
  out += '[';
  write(out, alert.status);
  out += ',';
  append_quoted(out, alert.name);
  out += ']';
}

template <Described T>
void write(std::string& out, const T& owner);
template <class T>
void write(std::string& out, const std::optional<T>& value) {
  if (value)
    write(out, *value);
  else
    out += "null";
}
template <class List>
void write_list(std::string& out, const List& elements) {
  out += '[';
  for (const auto& element : elements) {
    separate(out);
    write(out, element);
  }
  out += ']';
}
template <class T>
void write(std::string& out, const std::vector<T>& elements) {
  write_list(out, elements);
}
template <class T>
void write(std::string& out, const std::deque<T>& elements) {
  write_list(out, elements);
}
template <class T>
void write(std::string& out, const std::set<T>& elements) {
  write_list(out, elements);
}
template <class First, class Second>
void write_pair(std::string& out, const First& first, const Second& second) {
  out += '[';
  write(out, first);
  out += ',';
  write(out, second);
  out += ']';
}
// A list of pairs: the key may be anything.
template <class Key, class Value>
void write(std::string& out, const std::map<Key, Value>& entries) {
  out += '[';
  for (const auto& [key, value] : entries) {
    separate(out);
    write_pair(out, key, value);
  }
  out += ']';
}

template <class Owner, class Member>
void write_field(std::string&, const Owner&, const Elsewhere<Owner, Member>&) {}

template <class Owner, class Member>
void write_field(std::string& out, const Owner& owner, const Field<Owner, Member>& field) {
  write_name(out, field.name);
  write(out, owner.*field.member);
}

template <class Owner, class Member>
void write_field(std::string& out, const Owner& owner, const LaterField<Owner, Member>& field) {
  static const Owner as_new{};  // what a record without the field is read as
  if (owner.*field.member == as_new.*field.member) return;
  write_name(out, field.name);
  write(out, owner.*field.member);
}

// Text that is no JSON object stays readable as the string that it is.
template <class Owner>
void write_field(std::string& out, const Owner& owner, const JsonField<Owner>& field) {
  write_name(out, field.name);
  const std::string& text = owner.*field.member;
  if (const auto object = compact_object(text))
    out += *object;
  else
    append_quoted(out, text);
}

// The members of an object that is open in `out`.
template <Described T>
void write_fields(std::string& out, const T& owner) {
  static_assert(std::tuple_size_v<decltype(Fields<T>::list)> == journal::member_count<T>(),
                "a member of this type is not stored: name it in event_fields.hpp");
  std::apply([&](const auto&... field) { (write_field(out, owner, field), ...); }, Fields<T>::list);
}

template <Described T>
void write(std::string& out, const T& owner) {
  out += '{';
  write_fields(out, owner);
  out += '}';
}

}  // namespace fieldmedic::journal
