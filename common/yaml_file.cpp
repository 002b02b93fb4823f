#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "common/file_descriptor.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

// More than parse_yaml takes, so that it is the one to refuse a file that is too large.
constexpr std::size_t kReadLimit = (4 << 20) + 1;

// At most kReadLimit bytes of the file; what is wrong otherwise. A FIFO or a device would keep us
// for ever, or start something: neither is opened for reading, whatever takes the file's place
// meanwhile.
std::string read_start(const std::filesystem::path& file, std::string& text) {
  struct stat status{};
  if (stat(file.c_str(), &status) != 0) return std::strerror(errno);
  if (S_ISDIR(status.st_mode)) return std::strerror(EISDIR);
  if (!S_ISREG(status.st_mode)) return "no regular file";
  const FileDescriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened || fstat(opened.get(), &status) != 0) return std::strerror(errno);
  if (!S_ISREG(status.st_mode)) return "no regular file";
  std::array<char, 16 << 10> chunk{};
  while (text.size() < kReadLimit) {
    const ssize_t got = read(opened.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::strerror(errno);
    if (got == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return "";
}

}  // namespace

YamlMap read_yaml_file(const std::filesystem::path& file, ConfigErrors& errors) {
  std::string text;
  if (const auto wrong = read_start(file, text); !wrong.empty()) {
    errors.add(file.string(), "cannot be read: " + wrong);
    return {};
  }
  return parse_yaml(file.string(), text, errors);
}

std::vector<YamlMap> read_yaml_list(const std::filesystem::path& file, ConfigErrors& errors) {
  std::string text;
  if (const auto wrong = read_start(file, text); !wrong.empty()) {
    errors.add(file.string(), "cannot be read: " + wrong);
    return {};
  }
  return parse_yaml_list(file.string(), text, errors);
}

}  // namespace fieldmedic
