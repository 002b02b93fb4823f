// Configurations that must be refused: each FOLDER/NAME.yml has its errors in FOLDER/NAME.expected.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "common/yaml_reader.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

inline std::string read_whole(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Reads every configuration of the folder and compares its errors, with the folder left out.
inline void check_bad_configs(
    const std::filesystem::path& folder,
    const std::function<void(const std::filesystem::path&, ConfigErrors&)>& read) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yml") files.push_back(entry.path());
  std::ranges::sort(files);
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files) DYNAMIC_SECTION(file.filename().string()) {
      ConfigErrors errors;
      read(file, errors);
      std::string text = errors.text() + "\n";
      const std::string prefix = folder.string() + "/";
      for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.erase(at, prefix.size());
      auto expected = file;
      CHECK(text == read_whole(expected.replace_extension(".expected")));
    }
}

}  // namespace fieldmedic
