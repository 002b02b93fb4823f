// What the files of file_sd came to.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "remediator/file_sd.hpp"

namespace fieldmedic {

[[nodiscard]] std::vector<prometheus::MetricFamily> file_sd_metrics(
    const FileSdReader::Answer& answer);

}  // namespace fieldmedic
