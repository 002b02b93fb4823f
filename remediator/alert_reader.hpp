// What an alert looks like in JSON, in the webhook and in Alertmanager's API alike.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "remediator/core/alert.hpp"
#include "remediator/json_walk.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostAlerts = 100'000;  // of one message, the poisonous ones included
inline constexpr std::size_t kDeepestAlerts = 16;    // levels of JSON

// An alert that cannot be used, without harm to the others of its message.
struct PoisonAlert {
  std::string why;                    // "alerts[3].labels.zone: longer than 4096 bytes"
  std::optional<core::AlertKey> key;  // when it could be read
};

// Reads one alert after the other. Labels name things, so they are held to their bounds: 64 of
// them, 4096 bytes each. Annotations are for people, so they are cut to the same. Fields that are
// not known, and what the two shapes do differently (the status), are left to the caller.
class AlertReader {
 public:
  // `level`: how many containers stand around an alert's own object.
  explicit AlertReader(std::size_t level) : level_(level) {}

  void begin();
  // Everything inside of the alert's object.
  void opened(const JsonPath& at, JsonType type);
  void scalar(const JsonPath& at, const JsonScalar& value);
  // The alert, or why there is none. `at` is the alert itself.
  [[nodiscard]] std::expected<core::Alert, PoisonAlert> end(const JsonPath& at);

  // Of a field that stands twice, the second is an error.
  void set_status(const JsonPath& at, core::AlertStatus status);
  // The first reason stays.
  void poison(const JsonPath& at, std::string_view why);

 private:
  enum Seen : unsigned {
    kStatus = 1,
    kLabels = 2,
    kAnnotations = 4,
    kStart = 8,
    kEnd = 16,
    kPrint = 32
  };
  void saw(const JsonPath& at, Seen field);
  void read_field(const JsonPath& at, std::string_view field, std::string_view text);
  void add_label(const JsonPath& at, std::string_view value);
  void add_annotation(const JsonPath& at, std::string_view value);

  std::size_t level_;
  unsigned seen_ = 0;
  core::Alert alert_;
  std::string why_;
};

}  // namespace fieldmedic
