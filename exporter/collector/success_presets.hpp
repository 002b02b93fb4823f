// Where known collectors tell of their success, and what their counters are called.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "exporter/collector/success_config.hpp"

namespace fieldmedic {

struct SuccessPreset {
  std::string_view name;      // the key in exporter.yml
  std::string_view url;       // where the collector serves its page by default
  std::string_view path;      // of the page below it
  std::string_view part_key;  // the key that names an output of it; empty: there is none
  std::string_view part;      // its default; empty: it must be given
  SuccessKind kind;
  SuccessTerms (*terms)(const std::string& part);
};

// In the order in which they are named to people.
[[nodiscard]] std::span<const SuccessPreset> success_presets();

// Whether a name may stand in a selector and in a JSON pointer as it is: 1 to 128 characters of
// [A-Za-z0-9_.:-].
[[nodiscard]] bool is_part_name(std::string_view name);

}  // namespace fieldmedic
