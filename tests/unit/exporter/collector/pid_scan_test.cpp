#include "exporter/collector/pid_scan.hpp"

#include <algorithm>
#include <filesystem>

#include "common/process_files.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

struct Folder {
  TempTree tree;
  FileDescriptor opened;
  PidScan scan;

  explicit Folder(int pids) : opened(std::move(*open_procfs(tree.root))) {
    for (int pid = 1; pid <= pids; ++pid) add(pid);
    add("self");
    add("12x");
  }
  void add(const std::string& name) const { std::filesystem::create_directory(tree.root / name); }
  void add(int pid) const { add(std::to_string(pid)); }
  void remove(int pid) const { std::filesystem::remove(tree.root / std::to_string(pid)); }
  std::vector<pid_t> next(std::size_t in_turn) { return *scan.next(opened.get(), in_turn); }
};

using Pids = std::vector<pid_t>;

TEST_CASE("pid scan: the first look is at all, later ones at some in turn") {
  Folder folder(5);
  CHECK(folder.next(2) == Pids{1, 2, 3, 4, 5});
  CHECK(folder.next(2) == Pids{1, 2});
  CHECK(folder.next(2) == Pids{3, 4});
  CHECK(folder.next(2) == Pids{1, 5});
  CHECK(folder.next(0).empty());
  CHECK(folder.next(99) == Pids{1, 2, 3, 4, 5});
  CHECK(std::ranges::equal(folder.scan.listed(), Pids{1, 2, 3, 4, 5}));
}

TEST_CASE("pid scan: a new process is looked at three times") {
  Folder folder(3);
  (void)folder.next(0);
  folder.add(9);
  CHECK(folder.next(0) == Pids{9});
  CHECK(folder.next(0) == Pids{9});
  CHECK(folder.next(1) == Pids{1, 9});
  CHECK(folder.next(0).empty());
  CHECK(folder.next(4) == Pids{1, 2, 3, 9});
}

TEST_CASE("pid scan: a pid that is used again is new again") {
  Folder folder(3);
  (void)folder.next(0);
  folder.remove(2);
  CHECK(folder.next(0).empty());
  folder.add(2);
  CHECK(folder.next(0) == Pids{2});
}

TEST_CASE("pid scan: the turn goes on when its process is gone") {
  Folder folder(4);
  (void)folder.next(0);
  CHECK(folder.next(3) == Pids{1, 2, 3});
  folder.remove(3);
  folder.remove(4);
  CHECK(folder.next(1) == Pids{1});
}

TEST_CASE("pid scan: a folder without a process is an error") {
  Folder folder(0);
  CHECK(folder.scan.next(folder.opened.get(), 9).error().code == Errc::Io);
}

}  // namespace
}  // namespace fieldmedic
