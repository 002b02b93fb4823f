#include "exporter/host/name_filter.hpp"

#include <optional>

#include <re2/re2.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kRemembered = 4096;  // a host that makes and drops devices must not grow us

void compile(std::optional<RE2>& pattern, const std::string& text) {
  if (text.empty()) return;
  pattern.emplace(text, RE2::Quiet);
  if (!pattern->ok()) pattern.reset();
}

}  // namespace

struct NameFilter::Patterns {
  [[nodiscard]] bool leaves_out(std::string_view name) const {
    const re2::StringPiece piece(name.data(), name.size());
    if (exclude && RE2::PartialMatch(piece, *exclude)) return true;
    return include && !RE2::PartialMatch(piece, *include);
  }

  std::optional<RE2> exclude;
  std::optional<RE2> include;
};

NameFilter::NameFilter(const NameSelection& selection) : patterns_(std::make_unique<Patterns>()) {
  compile(patterns_->exclude, selection.exclude);
  compile(patterns_->include, selection.include);
}

NameFilter::~NameFilter() = default;

bool NameFilter::leaves_out(std::string_view name) {
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  const bool out = patterns_->leaves_out(name);
  if (known_.size() >= kRemembered) known_.clear();
  known_.emplace(name, out);
  return out;
}

}  // namespace fieldmedic
