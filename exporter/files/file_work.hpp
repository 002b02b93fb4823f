// The system calls behind each verb. They may hang: only the helper process makes them.
#pragma once

#include "exporter/files/file_outcome.hpp"

namespace fieldmedic {

// Thread-safe; no limit in time. The clock measures SyncProbe.
[[nodiscard]] FileOutcome perform(const FileRequest& request, const Clock& clock);

}  // namespace fieldmedic
