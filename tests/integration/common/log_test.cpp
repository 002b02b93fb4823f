// The log writes to the process's own standard error, so each test looks at what arrives there.
#include "common/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

template <class Action>
std::string written_by(Action action) {
  const TempTree tree;
  const auto file = tree.root / "stderr";
  const int saved = dup(STDERR_FILENO);
  const int target = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(target, STDERR_FILENO);
  action();
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(target);
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("log: the level stands first and the line ends with the message") {
  const auto text = written_by([] { log::warn("journal is full"); });
  CHECK(text.starts_with("warning 20"));
  CHECK(text.ends_with("Z journal is full\n"));
}

TEST_CASE("log: hostile text cannot start a line or move the terminal") {
  const auto text = written_by(
      [] { log::info("a\nerror forged\r\x1b[2J\x7f \xC2\x9B \xFF \xE4\xB8\xAD\t{} %s"); });
  CHECK(text.ends_with(
      "Z a\\nerror forged\\x0d\\x1b[2J\\x7f \\xc2\\x9b \\xff \xE4\xB8\xAD\\t{} %s\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("log: levels below the set one are dropped") {
  const auto text = written_by([] {
    log::debug("unseen by default");
    log::set_level(log::Level::Error);
    log::warn("unseen");
    log::error("seen");
    log::set_level(log::Level::Debug);
    log::debug("seen too");
    log::set_level(log::Level::Info);
  });
  CHECK_FALSE(text.contains("unseen"));
  CHECK(text.contains("seen\n"));
  CHECK(text.contains("seen too\n"));
}

TEST_CASE("log: a very long message is cut") {
  const auto text = written_by([] { log::info(std::string(1 << 20, 'a')); });
  CHECK(text.size() < 17 * 1024);
  CHECK(text.ends_with("(cut)\n"));
}
