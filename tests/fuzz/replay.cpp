// Feeds every file of a folder to one target: fieldmedic-fuzz NAME FOLDER. Without arguments it
// lists the targets. A crash or a sanitizer's finding fails the test.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace {

namespace fuzz = fieldmedic::fuzz;

std::vector<std::uint8_t> read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    for (const auto& target : fuzz::targets()) std::cout << target.name << '\n';
    return 0;
  }
  if (argc != 3) {
    std::cerr << "usage: fieldmedic-fuzz [NAME FOLDER]\n";
    return 2;
  }
  const auto* target = fuzz::find_target(argv[1]);
  if (target == nullptr) return 2;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::cout << file.filename().string() << std::endl;  // the last one named is the one that broke
    const auto data = read(file);
    target->run(data.data(), data.size());
  }
  std::cout << files.size() << " inputs\n";
  return files.empty() ? 1 : 0;
}
