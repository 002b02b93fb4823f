// The *.prom files of a directory, read whole.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/host/textfile.hpp"

namespace fieldmedic {

// Sorted by name. At most 256 files of at most 1 MiB each; one that is larger, is no regular file
// or hangs has an error instead of content. The outer error: the directory cannot be listed, or
// holds more.
[[nodiscard]] Result<std::vector<TextFile>> read_text_files(FileClient& files,
                                                            const std::string& folder,
                                                            SteadyTime deadline);

}  // namespace fieldmedic
