#include "exporter/collector/log_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <vector>

#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

struct Tailed {
  TempTree tree;
  ManualClock clock;
  LogFiles files{std::make_shared<FakeFiles>()};
  LogTail tail;
  std::size_t budget = 4uz * 1024 * 1024;
  TailProgress progress;

  explicit Tailed(std::size_t first_bytes = 0)
      : tail(files, (tree.root / "log").native(), FirstLook::AtEnd, first_bytes) {}
  Lines read() {
    Lines lines;
    TailBudget limit{.clock = clock, .stop_at = SteadyTime::max(), .bytes = budget};
    progress = {};
    REQUIRE(tail.read(
        limit, [&](std::string_view line, std::uint32_t&) { lines.emplace_back(line); }, progress));
    return lines;
  }
  // As after a restart of the exporter: all that is left is the position.
  void restart() {
    const auto position = tail.position();
    REQUIRE(position);
    files = LogFiles(std::make_shared<FakeFiles>());
    tail = LogTail(files, *position);
  }
  void rename_to(const char* name) const { fs::rename(tree.root / "log", tree.root / name); }
};

TEST_CASE("log tail: a file that is there already is followed from its end") {
  Tailed t;
  t.tree.write("log", "old\n");
  CHECK(t.read() == Lines{});
  t.tree.append("log", "new\nhalf");
  CHECK(t.read() == Lines{"new"});
  t.tree.append("log", " line\r\n\n");
  CHECK(t.read() == Lines{"half line", ""});
  CHECK(t.read() == Lines{});
}

TEST_CASE("log tail: the rest of a line that was being written at first sight is no line") {
  Tailed t;
  t.tree.write("log", "old\nhal");
  CHECK(t.read() == Lines{});
  t.tree.append("log", "f\nnext\n");
  CHECK(t.read() == Lines{"next"});
}

TEST_CASE("log tail: a file that appears later is read from its beginning") {
  Tailed t;
  CHECK(t.read() == Lines{});
  t.tree.write("log", "one\ntwo\n");
  CHECK(t.read() == Lines{"one", "two"});
}

TEST_CASE("log tail: the last bytes of a file are read when asked for") {
  struct Case {
    std::size_t bytes;
    Lines want;
  };
  for (const auto& c :
       {Case{0, {}}, Case{1, {}}, Case{2, {}}, Case{3, {"cc"}}, Case{4, {"cc"}}, Case{5, {"cc"}},
        Case{6, {"bb", "cc"}}, Case{7, {"bb", "cc"}}, Case{8, {"bb", "cc"}},
        Case{9, {"aa", "bb", "cc"}}, Case{99, {"aa", "bb", "cc"}}}) {
    DYNAMIC_SECTION(c.bytes << " bytes") {
      Tailed t(c.bytes);
      t.tree.write("log", "aa\nbb\ncc\n");
      CHECK(t.read() == c.want);  // a line that begins right at the start is whole
    }
  }
}

TEST_CASE("log tail: rotation loses and repeats nothing") {
  struct Case {
    const char* name;
    std::function<void(const Tailed&)> rotate;
    Lines want;
  };
  const Case cases[] = {
      {"renamed and made anew",
       [](const Tailed& t) {
         t.rename_to("log.1");
         t.tree.write("log", "new\n");
       },
       {"new"}},
      {"written to before it was renamed",
       [](const Tailed& t) {
         t.tree.append("log", "last\n");
         t.rename_to("log.1");
         t.tree.write("log", "new\n");
       },
       {"last", "new"}},
      {"written to after it was renamed",
       [](const Tailed& t) {
         t.rename_to("log.1");
         t.tree.append("log.1", "late\n");
         t.tree.write("log", "new\n");
       },
       {"late", "new"}},
      {"renamed with half a line",
       [](const Tailed& t) {
         t.tree.append("log", "half");
         t.rename_to("log.1");
         t.tree.write("log", "new\n");
       },
       {"half", "new"}},
      {"renamed and not made anew",
       [](const Tailed& t) {
         t.rename_to("log.1");
         t.tree.append("log.1", "late\n");
       },
       {"late"}},
      {"removed and made anew",
       [](const Tailed& t) {
         t.tree.append("log", "last\n");
         fs::remove(t.tree.root / "log");
         t.tree.write("log", "new\n");
       },
       {"last", "new"}},
      {"copied and truncated",
       [](const Tailed& t) { fs::resize_file(t.tree.root / "log", 0); },
       {}},
      {"truncated and written to",
       [](const Tailed& t) {
         fs::resize_file(t.tree.root / "log", 0);
         t.tree.append("log", "a\n");
       },
       {"a"}},
      {"truncated and grown past its old size",
       [](const Tailed& t) {
         fs::resize_file(t.tree.root / "log", 0);
         t.tree.append("log", "first line after\nsecond\n");
       },
       {"first line after", "second"}},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Tailed t;
      t.tree.write("log", "");
      CHECK(t.read() == Lines{});
      t.tree.append("log", "seen one\nseen two\n");
      CHECK(t.read() == Lines{"seen one", "seen two"});
      c.rotate(t);
      CHECK(t.read() == c.want);
      CHECK(t.read() == Lines{});
      t.tree.append(fs::exists(t.tree.root / "log") ? "log" : "log.1", "after\n");
      CHECK(t.read() == Lines{"after"});
    }
  }
}

TEST_CASE("log tail: a file gone for a while is found again") {
  Tailed t;
  t.tree.write("log", "");
  CHECK(t.read() == Lines{});
  fs::remove(t.tree.root / "log");
  CHECK(t.read() == Lines{});
  CHECK(t.read() == Lines{});
  t.tree.write("log", "back\n");
  CHECK(t.read() == Lines{"back"});
}

TEST_CASE("log tail: a bounded read leaves the rest for the next and tells how much") {
  Tailed t;
  CHECK(t.read() == Lines{});
  const std::string half(99, 'x');
  std::string many;
  for (int i = 0; i < 4000; ++i) many += half + "\n";  // 400 kB: more than three chunks
  t.tree.write("log", many);
  t.budget = 1;
  const auto first = t.read();
  CHECK(first.size() < 2000);
  CHECK(t.progress.lag == 400'000 - first.size() * 100);
  t.rename_to("log.1");  // its rest comes before the new file
  t.tree.write("log", "new\n");
  t.budget = 1'000'000;
  const auto rest = t.read();
  REQUIRE(first.size() + rest.size() == 4001);
  CHECK(rest.back() == "new");
  CHECK(t.progress.lag == 0);
}

TEST_CASE("log tail: a long line is cut and the next one is whole") {
  Tailed t;
  CHECK(t.read() == Lines{});
  t.tree.write("log", std::string(1024 * 1024, 'x') + "\nnext\n" + std::string(70'000, 'y'));
  const std::string cut_x(64uz * 1024, 'x');
  const std::string cut_y(64uz * 1024, 'y');  // given before its end is there
  CHECK((t.read() == Lines{cut_x, "next", cut_y}));
  CHECK(t.progress.cut_lines == 2);
  t.tree.append("log", "\nend\n");
  CHECK(t.read() == Lines{"end"});
}

TEST_CASE("log tail: binary content is passed through") {
  Tailed t;
  CHECK(t.read() == Lines{});
  const std::string binary("\0\x01\xff\xfe\0", 5);
  t.tree.write("log", binary + "\n\n" + binary + "\n");
  CHECK(t.read() == Lines{binary, "", binary});
}

TEST_CASE("log tail: progress tells bytes and the time of the last write") {
  Tailed t;
  CHECK(t.read() == Lines{});
  CHECK_FALSE(t.progress.wrote_at);
  t.tree.write("log", "12345\n");
  const timespec times[] = {{100, 0}, {1'700'000'000, 250'000'000}};
  REQUIRE(utimensat(AT_FDCWD, (t.tree.root / "log").c_str(), times, 0) == 0);
  CHECK(t.read() == Lines{"12345"});
  CHECK(t.progress.bytes == 6);
  CHECK(t.progress.wrote_at == WallTime(std::chrono::milliseconds(1'700'000'000'250)));
  CHECK(t.read() == Lines{});
  CHECK(t.progress.bytes == 0);
}

TEST_CASE("log tail: nothing is lost or read twice over a restart") {
  struct Case {
    const char* name;
    std::function<void(const Tailed&)> meanwhile;
    Lines want;
    std::uint64_t gaps = 0;
  };
  const Case cases[] = {
      {"nothing", [](const Tailed&) {}, {}},
      {"written", [](const Tailed& t) { t.tree.append("log", "more\n"); }, {"more"}},
      {"renamed",
       [](const Tailed& t) {
         t.tree.append("log", "last\n");
         t.rename_to("log.1");
         t.tree.write("log", "new\n");
       },
       {"last", "new"}},
      {"renamed and not made anew",
       [](const Tailed& t) {
         t.tree.append("log", "last\n");
         t.rename_to("log.1");
       },
       {"last"}},
      {"copied and truncated",
       [](const Tailed& t) {
         t.tree.append("log", "last\n");
         fs::copy_file(t.tree.root / "log", t.tree.root / "log.1");
         fs::resize_file(t.tree.root / "log", 0);
         t.tree.append("log", "new\n");
       },
       {"last", "new"}},
      {"rotated twice",
       [](const Tailed& t) {
         const auto write = [&](const char* name, const char* text, time_t at) {
           t.tree.append(name, text);
           const timespec times[] = {{at, 0}, {at, 0}};
           REQUIRE(utimensat(AT_FDCWD, (t.tree.root / name).c_str(), times, 0) == 0);
         };
         write("log", "last\n", 1000);
         t.rename_to("log.2");
         write("log.1", "between\n", 2000);
         t.tree.write("log", "new\n");
       },
       {"last", "between", "new"}},
      {"rotated, compressed and removed",
       [](const Tailed& t) {
         t.tree.append("log", "last\n");
         t.rename_to("log.1.gz");
         t.tree.write("log", "new\n");
       },
       {"new"},
       1},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Tailed t;
      t.tree.write("log", "");
      CHECK(t.read() == Lines{});
      t.tree.append("log", "seen one\nseen two\n");
      CHECK(t.read() == Lines{"seen one", "seen two"});
      t.restart();
      c.meanwhile(t);
      CHECK(t.read() == c.want);
      CHECK(t.progress.gaps == c.gaps);
      CHECK(t.read() == Lines{});
      t.restart();
      CHECK(t.read() == Lines{});
    }
  }
}

TEST_CASE("log tail: a file that is removed before it was read is read to its end") {
  Tailed t;
  t.tree.write("log", "");
  CHECK(t.read() == Lines{});
  t.tree.append("log", "last\n");
  fs::remove(t.tree.root / "log");
  t.tree.write("log", "");  // not written to yet: the old one may still be
  CHECK(t.read() == Lines{"last"});
  t.tree.append("log", "new\n");
  CHECK(t.read() == Lines{"new"});
}

TEST_CASE("log tail: what is no regular file is refused without waiting") {
  const TempTree tree;
  REQUIRE(mkfifo((tree.root / "fifo").c_str(), 0600) == 0);
  for (const auto& path : {tree.root / "fifo", tree.root, fs::path("/dev/zero")}) {
    CAPTURE(path);
    const ManualClock clock;
    LogFiles files(std::make_shared<FakeFiles>());
    LogTail tail(files, path.native(), FirstLook::AtEnd);
    TailBudget budget{.clock = clock, .stop_at = SteadyTime::max()};
    TailProgress progress;
    const auto read = tail.read(budget, [](std::string_view, std::uint32_t&) {}, progress);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::Invalid);
  }
}

}  // namespace
}  // namespace fieldmedic
