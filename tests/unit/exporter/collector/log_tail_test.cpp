#include "exporter/collector/log_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <vector>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

struct Tailed {
  TempTree tree;
  LogTail tail;

  explicit Tailed(TailLimits limits = {}) : tail(tree.root / "log", limits) {}
  Lines read() {
    Lines lines;
    const auto progress = tail.read([&](std::string_view line) { lines.emplace_back(line); });
    REQUIRE(progress);
    return lines;
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
      Tailed t({.first_bytes = c.bytes});
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

TEST_CASE("log tail: a bounded read leaves the rest for the next") {
  Tailed t({.bytes_per_read = 10});
  CHECK(t.read() == Lines{});
  t.tree.write("log", "aaaa\nbbbb\ncccc\ndd");
  CHECK(t.read() == Lines{"aaaa", "bbbb"});
  t.rename_to("log.1");  // its rest comes before the new file
  t.tree.write("log", "new\n");
  CHECK(t.read() == Lines{"cccc", "dd"});
  CHECK(t.read() == Lines{"new"});
}

TEST_CASE("log tail: a long line is cut and the next one is whole") {
  Tailed t({.line_bytes = 64 * 1024});
  CHECK(t.read() == Lines{});
  t.tree.write("log", std::string(1024 * 1024, 'x') + "\nnext\n" + std::string(70'000, 'y'));
  CHECK(t.read() == Lines{std::string(64 * 1024, 'x'), "next"});
  t.tree.append("log", "\nend\n");
  CHECK(t.read() == Lines{std::string(64 * 1024, 'y'), "end"});
}

TEST_CASE("log tail: binary content is passed through") {
  Tailed t;
  CHECK(t.read() == Lines{});
  const std::string binary("\0\x01\xff\xfe\0", 5);
  t.tree.write("log", binary + "\n\n" + binary + "\n");
  CHECK(t.read() == Lines{binary, "", binary});
}

TEST_CASE("log tail: progress tells bytes and the time of the last write") {
  const TempTree tree;
  LogTail tail(tree.root / "log", {});
  const auto sink = [](std::string_view) {};
  CHECK_FALSE(tail.read(sink)->wrote_at);
  tree.write("log", "12345\n");
  const timespec times[] = {{100, 0}, {1'700'000'000, 250'000'000}};
  REQUIRE(utimensat(AT_FDCWD, (tree.root / "log").c_str(), times, 0) == 0);
  const auto progress = tail.read(sink);
  REQUIRE(progress);
  CHECK(progress->bytes == 6);
  CHECK(progress->wrote_at == WallTime(std::chrono::milliseconds(1'700'000'000'250)));
  CHECK(tail.read(sink)->bytes == 0);
}

TEST_CASE("log tail: what is no regular file is refused without waiting") {
  const TempTree tree;
  REQUIRE(mkfifo((tree.root / "fifo").c_str(), 0600) == 0);
  for (const auto& path : {tree.root / "fifo", tree.root, fs::path("/dev/zero")}) {
    CAPTURE(path);
    LogTail tail(path, {});
    const auto progress = tail.read([](std::string_view) {});
    REQUIRE_FALSE(progress);
    CHECK(progress.error().code == Errc::Invalid);
  }
}

}  // namespace
}  // namespace fieldmedic
