// A folder of files made for one test and removed with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stdlib.h>

namespace fieldmedic {

class TempTree {
 public:
  explicit TempTree(const std::vector<std::pair<std::string, std::string>>& files = {}) {
    std::string path = (std::filesystem::temp_directory_path() / "fieldmedic-XXXXXX").string();
    root = mkdtemp(path.data());
    for (const auto& [name, content] : files) write(name, content);
  }
  ~TempTree() {
    std::error_code ignored;  // a test that mounted or locked something inside has failed already
    std::filesystem::remove_all(root, ignored);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  std::filesystem::path write(std::string_view name, std::string_view content) const {
    const auto path = root / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  void append(std::string_view name, std::string_view content) const {
    std::ofstream(root / name, std::ios::binary | std::ios::app) << content;
  }

  std::filesystem::path root;
};

}  // namespace fieldmedic
