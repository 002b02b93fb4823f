// exporter.yml. The defaults are in the structs; every part is optional.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/yaml_reader.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/host/host_config.hpp"
#include "exporter/link/link_config.hpp"

namespace fieldmedic {

struct ExporterConfig {
  std::vector<std::string> disabled_modules;  // by name
  HostConfig host;
  std::filesystem::path storage_path;  // where state over restarts is kept; empty: nowhere
  std::vector<CollectorConfig> collectors;
  std::vector<LinkConfig> links;  // the first that matches takes a connection
};

// Records every fault in `errors`; the answer is of use only when there is none. An empty path
// answers the defaults.
[[nodiscard]] ExporterConfig read_exporter_config(const std::filesystem::path& file,
                                                  ConfigErrors& errors);

}  // namespace fieldmedic
