#include "remediator/journal/event_codec.hpp"

#include <array>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "remediator/journal/event_fields.hpp"
#include "remediator/journal/field_reader.hpp"
#include "remediator/journal/field_writer.hpp"

namespace fieldmedic {
namespace {

using journal::Envelope;
using journal::Json;

constexpr int kVersion = 1;

template <class T>
Result<core::Payload> read_payload(const Json& json) {
  T payload;
  if (auto status = journal::read(json, payload); !status) return fail(status.error());
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
  std::string text = "{";
  journal::write_fields(text, Envelope{kVersion, event.at});
  std::visit([&](const auto& payload) { journal::write_fields(text, payload); }, event.payload);
  text += '}';
  return text;
}

Result<core::Event> decode_event(std::string_view name, std::string_view json) {
  // Its memory is used again: records are many and small.
  thread_local simdjson::dom::parser parser;
  Json object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS ||
      !object.is_object())
    return fail(Errc::Malformed, fmt::format("{}: not a JSON object", name));

  Envelope envelope;
  if (auto status = journal::read(object, envelope); !status) return wrap(status.error(), name);
  if (envelope.version != kVersion)
    return fail(Errc::Malformed,
                fmt::format("{}: version {} is not known", name, envelope.version));
  auto payload = read_named(name, object);
  if (!payload) return wrap(payload.error(), name);
  return core::Event{envelope.at, *std::move(payload)};
}

}  // namespace fieldmedic
