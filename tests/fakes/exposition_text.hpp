// Reads Prometheus' text format back, as far as the tests need it: types and samples.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace fieldmedic {

struct ExpositionText {
  std::map<std::string, std::string> types;  // family -> type
  std::map<std::string, std::string> helps;  // family -> help
  std::map<std::string, double> samples;     // name{a="1",b="2"}, labels sorted -> value

  [[nodiscard]] bool has(const std::string& sample) const { return samples.contains(sample); }
};

// "name{b="2",a="1"}" with its labels sorted.
[[nodiscard]] inline std::string sort_labels(const std::string& sample) {
  const auto open = sample.find('{');
  if (open == std::string::npos) return sample;
  std::vector<std::string> labels(1);
  bool quoted = false;
  for (std::size_t i = open + 1; i + 1 < sample.size(); ++i) {
    const char c = sample[i];
    if (c == '\\') labels.back() += sample[i++];
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      labels.emplace_back();
    } else {
      labels.back() += sample[i];
    }
  }
  std::ranges::sort(labels);
  std::string sorted = sample.substr(0, open + 1);
  for (const auto& label : labels) sorted += label + ",";
  sorted.back() = '}';
  return sorted;
}

[[nodiscard]] inline ExpositionText read_exposition(const std::string& text) {
  ExpositionText read;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool type = line.starts_with("# TYPE ");
    if (type || line.starts_with("# HELP ")) {
      const auto name = line.substr(7, line.find(' ', 7) - 7);
      (type ? read.types : read.helps)[name] = line.substr(8 + name.size());
    } else if (!line.empty() && line.front() != '#') {
      const auto blank = line.rfind(' ');
      read.samples[sort_labels(line.substr(0, blank))] = std::strtod(line.c_str() + blank, nullptr);
    }
  }
  return read;
}

}  // namespace fieldmedic
