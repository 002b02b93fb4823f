// A log under the real logrotate, followed through the real file helper.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/process_runner.hpp"
#include "exporter/collector/log_tail.hpp"
#include "exporter/files/helper_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

constexpr const char* kLogrotate = "/usr/sbin/logrotate";
constexpr const char* kExporter = FIELDMEDIC_BIN_DIR "/fieldmedic-exporter";

bool skipped() {
  if (std::filesystem::exists(kLogrotate)) return false;
  puts("SKIP: logrotate is not installed");
  return true;
}

struct Rotated {
  TempTree tree;
  SystemClock clock;
  LogFiles files{make_file_client(kExporter, clock)};
  LogTail tail{files, (tree.root / "log").native(), FirstLook::AtBeginning};
  std::vector<std::string> lines;
  std::uint64_t gaps = 0;
  int written = 0;

  explicit Rotated(const char* how) {
    std::filesystem::permissions(tree.root, std::filesystem::perms(0755));
    tree.write("conf", fmt::format("\"{}\" {{\n  rotate 5\n  missingok\n  {}\n}}\n",
                                   (tree.root / "log").native(), how));
    std::filesystem::permissions(tree.root / "conf", std::filesystem::perms(0644));
  }
  void write(int count) {
    for (int i = 0; i < count; ++i) tree.append("log", fmt::format("line {}\n", written++));
  }
  void rotate() {
    LocalProcessRunner runner;
    const auto ran = runner.run(
        {.argv = {kLogrotate, "--force", "--state", tree.root / "status", tree.root / "conf"},
         .environment = {}},
        {});
    REQUIRE(ran);
    INFO(ran->err);
    REQUIRE(ran->exit_code == 0);
  }
  void read() {
    TailBudget budget{.clock = clock, .stop_at = clock.steady() + std::chrono::seconds(30)};
    TailProgress progress;
    REQUIRE(tail.read(
        budget, [&](std::string_view line, std::uint32_t&) { lines.emplace_back(line); },
        progress));
    gaps += progress.gaps;
  }
  void restart() {
    const auto position = tail.position();
    REQUIRE(position);
    files = LogFiles(make_file_client(kExporter, clock));
    tail = LogTail(files, *position);
  }
  void check_every_line_once() const {
    REQUIRE(lines.size() == static_cast<std::size_t>(written));
    for (int i = 0; i < written; ++i) {
      REQUIRE(lines[static_cast<std::size_t>(i)] == fmt::format("line {}", i));
    }
  }
};

TEST_CASE("logrotate: every line is read once, in order") {
  if (skipped()) return;
  struct Case {
    const char* how;
    int rounds = 3;
  };
  for (const auto& [how, rounds] :
       {Case{"create"}, Case{"copytruncate"}, Case{"create\n  compress"},
        Case{"create\n  compress\n  delaycompress"},
        // One name a second is all that logrotate has.
        Case{"create\n  dateext\n  dateformat -%Y%m%d-%s", 1}}) {
    DYNAMIC_SECTION(how) {
      Rotated t(how);
      for (int round = 0; round < rounds; ++round) {
        t.write(20);
        t.read();
        t.write(10);
        t.rotate();
        t.write(7);
        t.read();
      }
      t.check_every_line_once();
      CHECK(t.gaps == 0);
    }
  }
}

TEST_CASE(
    "logrotate: what was read before a compressed copy is not read again, and a gap is told") {
  if (skipped()) return;
  Rotated t("copytruncate\n  compress");
  for (int round = 0; round < 3; ++round) {
    t.write(20);
    t.read();
    t.rotate();
    t.write(7);
    t.read();
    CHECK(t.gaps == static_cast<std::uint64_t>(round) + 1);  // nobody can tell that none is missing
  }
  t.check_every_line_once();
}

TEST_CASE("logrotate: nothing is lost or read twice over a restart of the exporter") {
  if (skipped()) return;
  for (const char* how : {"create", "copytruncate", "create\n  compress\n  delaycompress"}) {
    DYNAMIC_SECTION(how) {
      Rotated t(how);
      t.write(20);
      t.read();
      t.write(10);
      t.rotate();
      t.write(7);
      t.restart();
      t.read();
      t.check_every_line_once();
      CHECK(t.gaps == 0);
    }
  }
}

}  // namespace
}  // namespace fieldmedic
