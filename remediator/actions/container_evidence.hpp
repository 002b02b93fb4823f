// What is kept of a container before it is restarted: its description and its log, in a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

// One file's text: the attempt, the engine's description without the values of environment
// variables (they hold secrets), and the log.
[[nodiscard]] std::string container_evidence(std::string_view attempt,
                                             const ContainerState& container, std::string_view log);

// Writes it whole or not at all, readable by us only, and makes the folder. Of files that end on
// .log there the oldest over kMostEvidence are removed. Errc::Io, Full or Denied with the path.
inline constexpr std::size_t kMostEvidence = 50;
[[nodiscard]] Status keep_evidence(const std::filesystem::path& file, std::string_view text);

}  // namespace fieldmedic
