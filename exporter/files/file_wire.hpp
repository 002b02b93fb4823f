// What goes over the socket between the exporter and its file helper: SEQPACKET messages, a request
// out, its answer back under the same number, in any order. Both ends are the same program file, so
// there is no version. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/files/file_client.hpp"
#include "exporter/files/file_outcome.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostPathBytes = 4095;  // PATH_MAX without its end
inline constexpr std::size_t kMostMessageBytes = kMostReadBytes + 1024;

struct NumberedRequest {
  std::uint64_t number = 0;
  FileRequest request;
};

struct NumberedOutcome {
  std::uint64_t number = 0;
  FileOutcome outcome;
};

// Errc::Invalid: the path is empty, relative, too long or has a NUL in it, or more is to be read
// than kMostReadBytes.
[[nodiscard]] Status check(const FileRequest& request);

[[nodiscard]] std::string encode(const NumberedRequest& request);
[[nodiscard]] std::string encode(const NumberedOutcome& outcome);
// Errc::Malformed: no message of ours. What is decoded passes check().
[[nodiscard]] Result<NumberedRequest> decode_request(std::string_view message);
[[nodiscard]] Result<NumberedOutcome> decode_outcome(std::string_view message);

}  // namespace fieldmedic
