#include "remediator/reach/unit_properties.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <systemd/sd-bus.h>

namespace fieldmedic {
namespace {

using namespace std::string_view_literals;

struct TextProperty {
  std::string_view name;
  std::string UnitState::* field;
};

constexpr std::array kTexts{
    TextProperty{"Id", &UnitState::id},
    TextProperty{"LoadState", &UnitState::load_state},
    TextProperty{"ActiveState", &UnitState::active_state},
    TextProperty{"SubState", &UnitState::sub_state},
    TextProperty{"UnitFileState", &UnitState::file_state},
    TextProperty{"Result", &UnitState::result},
};

constexpr std::array kTied{"RequiredBy"sv, "RequisiteOf"sv,      "BoundBy"sv,
                           "ConsistsOf"sv, "PropagatesStopTo"sv, "TriggeredBy"sv};

// Each answers below 0 when the value has another type, as sd-bus does.
int read_invocation_id(sd_bus_message* message, std::string& hex) {
  const void* data = nullptr;
  std::size_t size = 0;
  int done = sd_bus_message_enter_container(message, 'v', "ay");
  if (done >= 0) done = sd_bus_message_read_array(message, 'y', &data, &size);
  if (done >= 0) done = sd_bus_message_exit_container(message);
  if (done < 0) return done;
  const std::string_view bytes(static_cast<const char*>(data), size);
  if (std::ranges::all_of(bytes, [](char byte) { return byte == 0; })) return done;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return done;
}

int read_names(sd_bus_message* message, std::vector<std::string>& names) {
  int done = sd_bus_message_enter_container(message, 'v', "as");
  if (done >= 0) done = sd_bus_message_enter_container(message, 'a', "s");
  const char* name = nullptr;
  while (done >= 0 && (done = sd_bus_message_read(message, "s", &name)) > 0)
    names.emplace_back(name);
  if (done >= 0) done = sd_bus_message_exit_container(message);
  if (done >= 0) done = sd_bus_message_exit_container(message);
  return done;
}

int read_value(sd_bus_message* message, std::string_view name, UnitState& state) {
  if (const auto text = std::ranges::find(kTexts, name, &TextProperty::name);
      text != kTexts.end()) {
    const char* value = nullptr;
    const int done = sd_bus_message_read(message, "v", "s", &value);
    if (done >= 0) state.*(text->field) = value;
    return done;
  }
  if (name == "InvocationID") return read_invocation_id(message, state.invocation_id);
  if (std::ranges::find(kTied, name) != kTied.end()) return read_names(message, state.tied);
  if (name == "NRestarts") return sd_bus_message_read(message, "v", "u", &state.restarts);
  if (name == "Job") {
    const char* path = nullptr;
    return sd_bus_message_read(message, "v", "(uo)", &state.job, &path);
  }
  return sd_bus_message_skip(message, "v");
}

// 0 at the end of the list.
int read_property(sd_bus_message* message, UnitState& state) {
  int done = sd_bus_message_enter_container(message, 'e', "sv");
  if (done <= 0) return done;
  const char* name = nullptr;
  done = sd_bus_message_read(message, "s", &name);
  if (done >= 0) done = read_value(message, name, state);
  if (done >= 0) done = sd_bus_message_exit_container(message);
  return done < 0 ? done : 1;
}

}  // namespace

Result<UnitState> read_unit_properties(sd_bus_message* message) {
  UnitState state;
  int done = sd_bus_message_enter_container(message, 'a', "{sv}");
  while (done > 0) done = read_property(message, state);
  if (done < 0) return fail(Errc::Io, "systemd's answer holds no properties");
  if (state.id.empty() || state.load_state.empty() || state.active_state.empty())
    return fail(Errc::Io, "systemd's answer lacks the state of the unit");
  if (!state.id.ends_with(".service")) state.result.clear();  // other types have words of their own
  return state;
}

}  // namespace fieldmedic
