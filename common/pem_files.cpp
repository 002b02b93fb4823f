#include "common/pem_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "common/unique_fd.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxBytes = 4 << 20;  // a bundle of all the world's authorities is 0.3 MB

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// A file's text, which may be a key: wiped at the end.
struct Pem {
  std::string text;

  explicit Pem(std::size_t size) : text(size, '\0') {}
  Pem(Pem&&) = default;
  Pem& operator=(Pem&&) = default;
  ~Pem() { OPENSSL_cleanse(text.data(), text.size()); }
};

std::unique_ptr<BIO, FreeBio> open_text(std::string_view text) {
  return std::unique_ptr<BIO, FreeBio>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<Pem> read_pem(const std::string& file) {
  const auto failed = [&file](int error) {
    return fail(error == EACCES ? Errc::Denied : Errc::Invalid,
                fmt::format("{} cannot be read: {}", file, std::generic_category().message(error)));
  };
  // Without O_NONBLOCK a FIFO would stop us for ever.
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return failed(errno);
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return failed(errno);
  if (!S_ISREG(info.st_mode)) return fail(Errc::Invalid, fmt::format("{} is no file", file));
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > kMaxBytes) {
    return fail(Errc::TooLarge, fmt::format("{} has more than {} bytes", file, kMaxBytes));
  }
  Pem pem(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = read(fd.get(), pem.text.data() + filled, size - filled);
    if (got < 0) return failed(errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  pem.text.resize(filled);
  return pem;
}

// OpenSSL would ask for a password on the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace

bool belongs(const PrivateKey& key, const Certificate& certificate) {
  const bool same = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return same;
}

std::string openssl_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason == nullptr ? "no reason given" : reason;
  ERR_clear_error();
  return text;
}

Result<std::vector<Certificate>> read_certificates(const std::string& file) {
  const auto pem = read_pem(file);
  if (!pem) return fail(pem.error());
  return parse_certificates(file, pem->text);
}

Result<std::vector<Certificate>> parse_certificates(std::string_view name, std::string_view pem) {
  const auto bio = open_text(pem);
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (X509* const next = PEM_read_bio_X509(bio.get(), nullptr, &no_password, nullptr)) {
    certificates.emplace_back(next);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = openssl_reason();
  if (!at_end)
    return fail(Errc::Invalid, fmt::format("{}: a certificate is broken ({})", name, reason));
  if (certificates.empty()) {
    return fail(Errc::Invalid,
                fmt::format("{} holds no certificate (want -----BEGIN CERTIFICATE-----)", name));
  }
  return certificates;
}

Result<PrivateKey> read_private_key(const std::string& file) {
  const auto pem = read_pem(file);
  if (!pem) return fail(pem.error());
  return parse_private_key(file, pem->text);
}

Result<PrivateKey> parse_private_key(std::string_view name, std::string_view pem) {
  const auto bio = open_text(pem);
  ERR_clear_error();
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, nullptr));
  const bool encrypted = pem.contains("ENCRYPTED");
  const std::string reason = openssl_reason();
  if (key) return key;
  if (encrypted) {
    return fail(Errc::Invalid,
                fmt::format("{} is encrypted, and a daemon cannot ask for its password; decrypt it "
                            "with: openssl pkey -in FILE -out FILE",
                            name));
  }
  return fail(Errc::Invalid,
              fmt::format("{} holds no private key that can be read ({})", name, reason));
}

}  // namespace fieldmedic
