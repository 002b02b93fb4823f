// What a client accepts: the half of exposition.hpp that reads request headers and compresses.
#include <charconv>
#include <memory>
#include <mutex>

#include <libdeflate.h>

#include "common/exposition.hpp"

namespace fieldmedic {
namespace {

constexpr int kFastest = 1;
constexpr std::string_view kBlank = " \t";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Cuts `rest` at the first separator and returns what stood before it, trimmed.
std::string_view next_part(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = trim(rest.substr(0, at));
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

bool same_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

// One element of an Accept or Accept-Encoding header (RFC 9110 §12.4.2, §12.5).
struct Choice {
  std::string_view name;
  std::string_view version;
  double quality = 1.0;
};

Choice parse_choice(std::string_view element) {
  Choice choice;
  choice.name = next_part(element, ';');
  while (!element.empty()) {
    std::string_view value = next_part(element, ';');
    const std::string_view key = next_part(value, '=');
    if (same_word(key, "version")) choice.version = value;
    if (!same_word(key, "q")) continue;
    double quality = 0;
    const auto [end, error] = std::from_chars(value.begin(), value.end(), quality);
    const bool valid = error == std::errc{} && end == value.end() && quality >= 0 && quality <= 1;
    choice.quality = valid ? quality : 0;  // unreadable: not wanted
  }
  return choice;
}

}  // namespace

ExpositionFormat negotiate_format(std::string_view accept) {
  auto best = ExpositionFormat::Text004;
  double best_quality = 0;
  while (!accept.empty()) {
    const Choice choice = parse_choice(next_part(accept, ','));
    const bool open = same_word(choice.name, "application/openmetrics-text") &&
                      (choice.version.empty() || choice.version == "1.0.0");
    const bool text = same_word(choice.name, "text/plain") &&
                      (choice.version.empty() || choice.version == "0.0.4");
    const bool any = choice.name == "*/*" || same_word(choice.name, "text/*");
    if ((open || text || any) && choice.quality > best_quality) {
      best = open ? ExpositionFormat::OpenMetrics100 : ExpositionFormat::Text004;
      best_quality = choice.quality;
    }
  }
  return best;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const Choice choice = parse_choice(next_part(accept_encoding, ','));
    if (same_word(choice.name, "gzip")) return choice.quality > 0;
    if (choice.name == "*") any = choice.quality > 0;
  }
  return any;
}

Result<std::string> gzip(std::string_view data) {
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  // One for all threads: it takes several hundred kB, and a page is compressed within a
  // millisecond.
  static std::mutex mutex;
  static const std::unique_ptr<libdeflate_compressor, Free> compressor(
      libdeflate_alloc_compressor(kFastest));
  if (!compressor) return fail(Errc::Full, "gzip: no memory for a compressor");
  std::string out;
  const std::size_t bound = libdeflate_gzip_compress_bound(compressor.get(), data.size());
  const std::lock_guard lock(mutex);
  out.resize_and_overwrite(bound, [data](char* buffer, std::size_t size) {
    return libdeflate_gzip_compress(compressor.get(), data.data(), data.size(), buffer, size);
  });
  if (out.empty()) return fail(Errc::Io, "gzip: the output did not fit its own bound");
  return out;
}

}  // namespace fieldmedic
