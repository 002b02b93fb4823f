// What came of one request, as the helper knows it: errno, which only the exporter puts into words.
#pragma once

#include <string_view>

#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// Beside errno, which is positive.
inline constexpr int kNotRegular = -1;
inline constexpr int kTooMuch = -2;
inline constexpr int kBadRequest = -3;

struct FileOutcome {
  int error = 0;  // errno, one of the above, or 0: `answer` holds
  FileAnswer answer{};
};

[[nodiscard]] std::string_view to_string(FileVerb verb);
[[nodiscard]] Errc code_of_errno(int error);
// The words: "read /var/log/orders.log: Permission denied".
[[nodiscard]] Result<FileAnswer> to_result(const FileRequest& request, FileOutcome outcome);

}  // namespace fieldmedic
