// Alertmanager's matchers: alertname="CollectorDown", severity=~"critical|warning", job!="x",
// job!~"y".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

using Labels = std::map<std::string, std::string, std::less<>>;

// Immutable; copies are cheap; thread-safe. A label that is absent counts as "".
// Regular expressions are RE2 and anchored at both ends, as in Alertmanager.
class Matcher {
 public:
  // Errc::Invalid with what was wanted; quotes and escapes as Alertmanager 0.25 reads them.
  [[nodiscard]] static Result<Matcher> parse(std::string_view text);
  [[nodiscard]] bool matches(const Labels& labels) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct Rule;
  std::string text_;
  std::shared_ptr<const Rule> rule_;
};

}  // namespace fieldmedic
