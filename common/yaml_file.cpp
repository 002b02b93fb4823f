#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

// More than parse_yaml takes, so that it is the one to refuse a file that is too large.
constexpr std::size_t kReadLimit = (4 << 20) + 1;

// At most kReadLimit bytes of the file; 0 or the errno of what failed.
int read_start(const std::filesystem::path& file, std::string& text) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  std::array<char, 16 << 10> chunk{};
  int error = 0;
  while (text.size() < kReadLimit) {
    const ssize_t got = read(descriptor, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  close(descriptor);
  return error;
}

}  // namespace

YamlMap read_yaml_file(const std::filesystem::path& file, ConfigErrors& errors) {
  std::string text;
  const int error = read_start(file, text);
  if (error != 0) {
    errors.add(file.string(), std::string("cannot be read: ") + std::strerror(error));
    return {};
  }
  return parse_yaml(file.string(), text, errors);
}

}  // namespace fieldmedic
