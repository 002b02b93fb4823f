#include "exporter/files/under_way.hpp"

#include <algorithm>
#include <utility>

#include "exporter/files/file_limits.hpp"

namespace fieldmedic {
namespace {

// Paths come from the configuration and the mount table, both bounded; this only makes sure.
constexpr std::size_t kMostTrusted = 8192;

std::string key_of(const FileRequest& request) {
  return static_cast<char>('a' + static_cast<int>(request.verb)) + request.path;
}

bool same_question(const FileRequest& a, const FileRequest& b) {
  return a.verb == b.verb && a.path == b.path;
}

}  // namespace

UnderWay::Verdict UnderWay::judge(const FileRequest& request) const {
  const auto same = std::ranges::find_if(
      sent_, [&](const auto& entry) { return same_question(entry.second.request, request); });
  if (same != sent_.end()) {
    return same->second.batch == nullptr ? Verdict::Hangs : Verdict::Wait;
  }
  if (sent_.size() < kMostUnderWay - kReserved) return Verdict::Send;
  const bool trusted = trusted_.contains(key_of(request));
  return trusted && sent_.size() < kMostUnderWay ? Verdict::Send : Verdict::Wait;
}

std::uint64_t UnderWay::add(SentRequest sent) {
  trusted_.erase(key_of(sent.request));
  sent_.emplace(next_, std::move(sent));
  return next_++;
}

std::optional<SentRequest> UnderWay::take(std::uint64_t number) {
  auto node = sent_.extract(number);
  if (node.empty()) return std::nullopt;
  if (trusted_.size() >= kMostTrusted) trusted_.clear();
  trusted_.insert(key_of(node.mapped().request));
  return std::move(node.mapped());
}

void UnderWay::abandon(const Batch& batch) {
  for (auto& [number, sent] : sent_) {
    if (sent.batch == &batch) sent.batch = nullptr;
  }
}

std::map<std::uint64_t, SentRequest> UnderWay::take_all() {
  return std::exchange(sent_, {});
}

}  // namespace fieldmedic
