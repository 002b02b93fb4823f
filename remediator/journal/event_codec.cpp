#include "remediator/journal/event_codec.hpp"

#include <array>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "remediator/journal/event_fields.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::ordered_json;  // keys stay in the order of Fields
using journal::Envelope;
using journal::Field;
using journal::Fields;
using journal::JsonField;
using journal::LaterField;

constexpr int kVersion = 1;
// What dump() may recurse into; nothing of ours comes near.
constexpr int kDeepest = 100;

template <class T>
concept Described = requires { Fields<T>::list; };
template <class T>
concept Enumeration = std::is_enum_v<T>;

// JSON text that nests deeper is not JSON to us.
Json parse_bounded(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json parsed = Json::parse(text, watch, false);
  return too_deep ? Json(Json::value_t::discarded) : parsed;
}

// ---- writing ------------------------------------------------------------------------------------

Json written(const std::string& text) {
  return text;
}
Json written(const std::pair<std::string, std::string>& pair) {
  return Json::array({pair.first, pair.second});
}
Json written(core::Time time) {
  return time.time_since_epoch().count();
}
Json written(core::Duration duration) {
  return duration.count();
}
Json written(const core::LabelMap& labels) {
  Json object = Json::object();
  for (const auto& [name, value] : labels) object.emplace(name, value);
  return object;
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

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// ---- reading ------------------------------------------------------------------------------------

std::unexpected<Error> unfit(std::string_view wanted, const Json& found) {
  return fail(Errc::Malformed, fmt::format("wants {}, got {}", wanted, found.type_name()));
}

Status read(const Json& json, std::string& text) {
  if (!json.is_string()) return unfit("a string", json);
  text = json.get_ref<const std::string&>();
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

Status read(const Json& json, core::Duration& duration) {
  core::Duration::rep count = 0;
  if (auto status = read(json, count); !status) return status;
  duration = core::Duration(count);
  return {};
}

Status read(const Json& json, core::Time& time) {
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

Status read(const Json& json, std::pair<std::string, std::string>& pair) {
  if (!json.is_array() || json.size() != 2) return unfit("a pair of strings", json);
  if (auto status = read(json[0], pair.first); !status) return status;
  return read(json[1], pair.second);
}

Status read(const Json& json, core::LabelMap& labels) {
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

template <class T>
Result<core::Payload> read_payload(const Json& json) {
  T payload;
  if (auto status = read(json, payload); !status) return fail(status.error());
  return payload;
}

// The reader of each event, under the name that core gives it.
struct Reader {
  std::string_view name;
  Result<core::Payload> (*read)(const Json&);
};

template <class... Events>
std::array<Reader, sizeof...(Events)> readers_of(std::type_identity<std::variant<Events...>>) {
  return {Reader{core::name_of(Events{}), &read_payload<Events>}...};
}

Result<core::Payload> read_named(std::string_view name, const Json& json) {
  static const auto readers = readers_of(std::type_identity<core::Payload>{});
  for (const auto& reader : readers)
    if (reader.name == name) return reader.read(json);
  return fail(Errc::Malformed, "no event of this name is known");
}

}  // namespace

std::string encode_event(const core::Event& event) {
  Json object = written(Envelope{kVersion, event.at});
  std::visit([&](const auto& payload) { write_fields(object, payload); }, event.payload);
  return text_of(object);
}

Result<core::Event> decode_event(std::string_view name, std::string_view json) {
  const Json object = parse_bounded(json);
  if (!object.is_object()) return fail(Errc::Malformed, fmt::format("{}: not a JSON object", name));

  Envelope envelope;
  if (auto status = read(object, envelope); !status) return wrap(status.error(), name);
  if (envelope.version != kVersion)
    return fail(Errc::Malformed,
                fmt::format("{}: version {} is not known", name, envelope.version));
  auto payload = read_named(name, object);
  if (!payload) return wrap(payload.error(), name);
  return core::Event{envelope.at, *std::move(payload)};
}

}  // namespace fieldmedic
