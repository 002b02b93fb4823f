#include "exporter/files/followed_files.hpp"

#include <algorithm>

namespace fieldmedic {

std::shared_ptr<const FileDescriptor> FollowedFiles::find(const Id& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(id);
  return found == kept_.end() ? nullptr : found->second.file;
}

void FollowedFiles::keep(const Id& id, std::shared_ptr<const FileDescriptor> file) {
  const std::lock_guard lock(mutex_);
  if (!kept_.contains(id) && kept_.size() >= kMostFollowed) {
    kept_.erase(
        std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.since; }));
  }
  kept_[id] = {std::move(file), next_++};
}

void FollowedFiles::forget(const Id& id) {
  const std::lock_guard lock(mutex_);
  kept_.erase(id);
}

}  // namespace fieldmedic
