// The one template language of the configuration: text with {{ name.field }} placeholders, nothing
// else.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// Immutable; thread-safe.
class Template {
 public:
  // "{{ labels.host }}:{{ target.name }}". Placeholders are [a-z_]+(\.[A-Za-z0-9_]+)?;
  // Errc::Invalid for an unclosed or malformed one. Bounded: 4 KiB of text, 64 placeholders.
  [[nodiscard]] static Result<Template> parse(std::string_view text);

  // The placeholders' names ("labels.host"), in order.
  [[nodiscard]] std::vector<std::string> names() const;

  // Replaces each placeholder by what `value` answers. The first error of `value` is returned.
  // The result is data, never read again as a template.
  using Lookup = std::function<Result<std::string>(std::string_view name)>;
  [[nodiscard]] Result<std::string> render(const Lookup& value) const;

 private:
  struct Part {
    std::string text;  // literal text, or a placeholder's name
    enum class Kind { Literal, Placeholder } kind = Kind::Literal;
  };
  std::vector<Part> parts_;
};

// Whether a value from outside (a label) may become part of a target, a path segment or an
// argument: 1 to 256 bytes of [A-Za-z0-9._:@/-] without "..", not starting with '-' or '/'.
// Errc::Invalid says why not, with the value escaped and cut.
[[nodiscard]] Status validate_label_value(std::string_view value);

}  // namespace fieldmedic
