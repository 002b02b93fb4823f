#include "tests/fakes/power_loss_vfs.hpp"

#include <algorithm>
#include <filesystem>

namespace fieldmedic {
namespace {

constexpr std::size_t kHalfSector = 256;

bool is_log(const std::string& path) {
  return path.ends_with("-wal");
}

bool is_table(const std::string& path) {
  return path.ends_with(".db");
}

void apply(std::string& content, const Change& change, std::size_t from, std::size_t to) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.kind == Change::Kind::Truncate) {
    content.resize(offset);
    return;
  }
  if (content.size() < offset + to) content.resize(offset + to);
  content.replace(offset + from, to - from, change.bytes, from, to - from);
}

void apply(std::string& content, const Change& change) {
  apply(content, change, 0, change.bytes.size());
}

// One of its two sides, parted somewhere by half sectors (what is shorter: in the middle).
void apply_torn(std::string& content, const Change& change, std::mt19937_64& chance) {
  const std::size_t size = change.bytes.size();
  const std::size_t parts = size / kHalfSector;
  const std::size_t at = parts < 2 ? size / 2 : kHalfSector * (1 + chance() % (parts - 1));
  if (chance() % 2 == 0)
    apply(content, change, 0, at);
  else
    apply(content, change, at, size);
}

void rename_by(std::map<std::string, std::size_t>& names, const Change& change) {
  if (change.kind == Change::Kind::Create)
    names[change.path] = change.file;
  else
    names.erase(change.path);
}

}  // namespace

int ChangeRecorder::before(const FileCall& call) {
  const auto living = living_.find(call.path);
  const bool known = living != living_.end();
  const std::size_t file = known ? living->second : files_;
  Change change{.file = file, .path = std::string(call.path), .offset = call.offset, .bytes = {}};
  switch (call.op) {
    case FileOp::Open:
      if (known) return 0;
      living_.emplace(call.path, files_++);
      change.kind = Change::Kind::Create;
      change.durable_name = !call.creates;  // it was there before
      break;
    case FileOp::Remove:
      if (!known) return 0;
      living_.erase(living);
      change.kind = Change::Kind::Remove;
      change.durable_name = call.syncs_the_name;
      break;
    case FileOp::Write:
      change.kind = Change::Kind::Write;
      change.bytes.assign(call.bytes.begin(), call.bytes.end());
      break;
    case FileOp::Truncate: change.kind = Change::Kind::Truncate; break;
    case FileOp::Sync: change.kind = Change::Kind::Sync; break;
    case FileOp::Access:
    case FileOp::Size:
    case FileOp::Read:
    case FileOp::Lock: return 0;
  }
  changes_.push_back(std::move(change));
  return call.op == FileOp::Sync ? kClaimed : 0;
}

void CutDisk::settle_names() {
  for (const Change* change : unsynced_names_) rename_by(names_, *change);
  unsynced_names_.clear();
}

void CutDisk::take(const Change& change) {
  File& file = files_[change.file];
  switch (change.kind) {
    case Change::Kind::Write:
    case Change::Kind::Truncate: file.unsynced.push_back(&change); break;
    case Change::Kind::Create:
    case Change::Kind::Remove:
      unsynced_names_.push_back(&change);
      file.name_synced = change.durable_name;
      // A name that was there before the run is no matter of a sync.
      if (change.durable_name &&
          (change.kind == Change::Kind::Create ||
           (ignored_ != Ignored::SyncsOfNames && ignored_ != Ignored::EverySync)))
        settle_names();
      break;
    case Change::Kind::Sync:
      if (ignored_ == Ignored::EverySync) break;
      if (!file.name_synced && ignored_ != Ignored::SyncsOfNames) {
        file.name_synced = true;  // SQLite syncs the folder with the first sync of a new file
        settle_names();
      }
      if (ignored_ == Ignored::SyncsOfTheLog && is_log(change.path)) break;
      if (ignored_ == Ignored::SyncsOfTheTable && is_table(change.path)) break;
      for (const Change* write : file.unsynced) apply(file.synced, *write);
      file.unsynced.clear();
      break;
  }
}

std::string CutDisk::content_of(const File& file, Unsynced unsynced,
                                std::mt19937_64& chance) const {
  std::string content = file.synced;
  if (unsynced == Unsynced::Lost) return content;
  std::vector<const Change*> writes = file.unsynced;
  if (unsynced == Unsynced::Torn) std::ranges::shuffle(writes, chance);
  for (const Change* write : writes) {
    const auto fate = unsynced == Unsynced::Kept ? 0 : chance() % 3;
    if (fate == 0) apply(content, *write);
    if (fate == 1) apply_torn(content, *write, chance);
  }
  return content;
}

CutDisk::Left CutDisk::left(Unsynced unsynced, std::mt19937_64& chance) const {
  auto names = names_;
  const std::size_t settled = unsynced == Unsynced::Lost ? 0
                              : unsynced == Unsynced::Kept
                                  ? unsynced_names_.size()
                                  : chance() % (unsynced_names_.size() + 1);
  for (std::size_t i = 0; i < settled; ++i) rename_by(names, *unsynced_names_[i]);
  Left left;
  for (const auto& [path, number] : names)
    left.emplace_back(std::filesystem::path(path).filename(),
                      content_of(files_.at(number), unsynced, chance));
  return left;
}

}  // namespace fieldmedic
