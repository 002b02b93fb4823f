// What a disk may hold after the power went: a run's changes to its files are recorded once, and
// the disk at any moment of it is made from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/file_calls_vfs.hpp"

namespace fieldmedic {

struct Change {
  enum class Kind { Write, Truncate, Sync, Create, Remove } kind = Kind::Write;
  std::size_t file = 0;  // a number of its own for each file, also under a name used before
  std::string path;
  std::int64_t offset = 0;  // of a Truncate the new size
  std::string bytes;
  bool durable_name = false;  // of a Create, Remove
};

// Records every change; all of them succeed, and a sync costs nothing.
class ChangeRecorder final : public FileWatch {
 public:
  [[nodiscard]] int before(const FileCall& call) override;
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
  std::map<std::string, std::size_t, std::less<>> living_;
  std::size_t files_ = 0;
};

// Which syncs the disk only claims to have made.
enum class Ignored { Nothing, EverySync, SyncsOfTheLog, SyncsOfTheTable, SyncsOfNames };

// What becomes of changes that no sync followed.
enum class Unsynced { Lost, Kept, Torn };  // Torn: dropped, reordered, written in part; by chance

// A disk to which changes come one by one. What a sync followed is there for good; names (created,
// removed) come to be in their order, as file systems with a journal of their own have it.
class CutDisk {
 public:
  explicit CutDisk(Ignored ignored) : ignored_(ignored) {}

  void take(const Change& change);

  // What is there when the power goes now: file names and contents.
  using Left = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] Left left(Unsynced unsynced, std::mt19937_64& chance) const;

 private:
  struct File {
    std::string synced;
    std::vector<const Change*> unsynced;
    bool name_synced = true;
  };
  void settle_names();
  [[nodiscard]] std::string content_of(const File& file, Unsynced unsynced,
                                       std::mt19937_64& chance) const;

  Ignored ignored_;
  std::map<std::size_t, File> files_;
  std::map<std::string, std::size_t> names_;
  std::vector<const Change*> unsynced_names_;
};

}  // namespace fieldmedic
