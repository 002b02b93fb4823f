// The client that keeps the helper process.
#pragma once

#include <filesystem>
#include <memory>

#include "common/clock.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// Starts a helper from `program` when first needed. One that ended is started anew by the next
// request; one that as a whole answers nothing for 2 s is left behind and replaced, three times at
// most until one of those is gone (a process of which one thread hangs in the kernel does not end,
// whoever killed it). The destructor ends the helper. `clock` must outlive the client.
[[nodiscard]] std::shared_ptr<FileClient> make_file_client(std::filesystem::path program,
                                                           const Clock& clock);

}  // namespace fieldmedic
