#include "exporter/host/device_filter.hpp"

#include <re2/re2.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kRemembered = 4096;  // a host that makes and drops devices must not grow us

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

}  // namespace

struct DeviceFilter::Pattern {
  explicit Pattern(std::string_view text)
      : regex(re2::StringPiece(text.data(), text.size()), quiet()) {}
  RE2 regex;
};

DeviceFilter::DeviceFilter(std::string_view pattern) {
  if (pattern.empty()) return;
  pattern_ = std::make_unique<Pattern>(pattern);
  if (!pattern_->regex.ok()) pattern_.reset();
}

DeviceFilter::~DeviceFilter() = default;

bool DeviceFilter::matches(std::string_view name) {
  if (!pattern_) return false;
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  const bool found = RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), pattern_->regex);
  if (known_.size() >= kRemembered) known_.clear();
  known_.emplace(name, found);
  return found;
}

}  // namespace fieldmedic
