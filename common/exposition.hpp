// Prometheus text exposition, written with std::to_chars (prometheus-cpp's own serializer costs
// twice as much as reading the kernel's files).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <prometheus/metric_family.h>

#include "common/result.hpp"

namespace fieldmedic {

enum class ExpositionFormat { Text004, OpenMetrics100 };

// Appends the families to `out`, HELP and TYPE once each; families of one name must be adjacent or
// are merged by the caller. OpenMetrics needs finish_exposition for its "# EOF".
void write_exposition(std::span<const prometheus::MetricFamily> families, ExpositionFormat format,
                      std::string& out);
void finish_exposition(ExpositionFormat format, std::string& out);

// From an Accept header, by the highest q that we serve; nothing acceptable: Text004.
[[nodiscard]] ExpositionFormat negotiate_format(std::string_view accept);
[[nodiscard]] std::string_view content_type(ExpositionFormat format);

// Whether an Accept-Encoding header takes gzip (q=0 means no).
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

// gzip at level 1 (libdeflate). One compressor a thread, kept.
[[nodiscard]] Result<std::string> gzip(std::string_view data);

}  // namespace fieldmedic
