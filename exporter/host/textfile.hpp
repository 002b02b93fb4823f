// Metrics that other programs write to *.prom files, as node_exporter publishes them, with
// node_textfile_mtime_seconds{file} and node_textfile_scrape_error. A file that cannot be read,
// holds timestamps or is not in Prometheus' text format is left out whole and sets the error.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/host/host_config.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct TextFile {
  std::string path;  // the value of the label `file`
  Result<std::string> content;
  WallTime modified{};
};

struct TextFamilies {
  Families families;
  std::vector<std::string> faults;  // "/var/…/a.prom: line 4: wanted a value, got 'x'"
};

// What a directory of text files gives. A family without HELP gets one that names its files; a
// family that is in two files must have one type, and a sample may be in one only: otherwise the
// later file is left out and sets the error. At most 20,000 samples.
[[nodiscard]] TextFamilies textfile_families(const std::vector<TextFile>& files);

// nullptr: no directory is configured, and the default one is not there (then it is looked for when
// the configuration is read again).
[[nodiscard]] std::unique_ptr<Module> make_textfile_module(const TextfileConfig& config,
                                                           std::shared_ptr<FileClient> files);

}  // namespace fieldmedic
