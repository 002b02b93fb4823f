// A value that must not be shown: no stream operator, no formatter, no comparison by accident.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "common/result.hpp"

namespace fieldmedic {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  // The value itself, to be handed to the one place that needs it.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

// The first line of a file, without its line end. At most 64 KiB; an empty file is an error.
// The error names the file, never its content.
[[nodiscard]] Result<Secret> read_secret_file(const std::filesystem::path& path);

}  // namespace fieldmedic
