#include "common/kept_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fieldmedic {
namespace {

constexpr std::size_t kFirstSize = 4096;  // most of these files are smaller than a page
constexpr std::size_t kLargest = 8u << 20;

Errc code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EOPNOTSUPP:  // PSI compiled in but switched off (psi=0)
    case ENODEV: return Errc::NotFound;
    case EACCES:
    case EPERM: return Errc::Denied;
    default: return Errc::Io;
  }
}

std::unexpected<Error> failed(const std::filesystem::path& path, int error) {
  return fail(code_of(error), path.string() + ": " + std::strerror(error));
}

}  // namespace

KeptFile::KeptFile(std::filesystem::path path, FileShape shape)
    : path_(std::move(path)), shape_(shape) {}

KeptFile::KeptFile(KeptFile&& other) noexcept
    : path_(std::move(other.path_)),
      shape_(other.shape_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)) {}

KeptFile::~KeptFile() {
  close();
}

void KeptFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Status KeptFile::open() {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor_ < 0) return failed(path_, errno);
  return {};
}

Result<std::string_view> KeptFile::read() {
  if (descriptor_ >= 0) {
    auto content = read_open();
    if (content || content.error().code == Errc::TooLarge) return content;
    close();
  }
  if (auto opened = open(); !opened) return fail(std::move(opened.error()));
  return read_open();
}

Result<std::string_view> KeptFile::read_open() {
  if (buffer_.size() < kFirstSize) buffer_.resize(kFirstSize);
  std::size_t length = 0;
  while (true) {
    const ssize_t got = pread(descriptor_, buffer_.data() + length, buffer_.size() - length,
                              static_cast<off_t>(length));
    if (got < 0) {
      if (errno == EINTR) continue;
      return failed(path_, errno);
    }
    length += static_cast<std::size_t>(got);
    if (length < buffer_.size()) {
      if (got == 0 || shape_ == FileShape::OneRecord)
        return std::string_view(buffer_.data(), length);
      continue;
    }
    if (buffer_.size() >= kLargest) {
      return fail(Errc::TooLarge, path_.string() + ": larger than 8 MiB");
    }
    buffer_.resize(buffer_.size() * 2);
    // A record read in two parts may have changed between them: read it whole from the start.
    if (shape_ == FileShape::OneRecord) length = 0;
  }
}

bool KeptFile::exists() {
  const auto content = read();
  return content || content.error().code != Errc::NotFound;
}

}  // namespace fieldmedic
