// The record of an attempt, kept by a real shell.
#include "remediator/reach/far_attempt.hpp"

#include <filesystem>
#include <fstream>
#include <future>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/folder_runner.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using State = FarRecord::State;
using std::chrono::milliseconds;

struct Lab {
  TempTree home;
  FolderRunner runner{home.root};

  static Command sh(const std::string& script, milliseconds timeout = milliseconds(60'000)) {
    Command command;
    command.argv = {"/bin/sh", "-c", script, "sh", "a b", "$(id)"};
    command.timeout = timeout;
    return command;
  }
  Result<ProcessResult> start(const std::string& script,
                              milliseconds timeout = milliseconds(60'000)) {
    Command command = recorded(sh(script, timeout), "a-1-1.0");
    command.timeout += milliseconds(60'000);  // what ends it is what is tested
    return runner.run(command, {});
  }
  FarRecord look_up() {
    const auto asked = runner.run(ask_record("a-1-1.0"), {});
    REQUIRE(asked);
    INFO(asked->out << asked->err);
    const auto record = parse_record(asked->out);
    REQUIRE(record);
    return *record;
  }
  [[nodiscard]] bool exists(const char* name) const {
    return std::filesystem::exists(home.root / name);
  }
};

}  // namespace

TEST_CASE("far attempt: runs as it is, and its end is on record") {
  Lab lab;
  const auto ran = lab.start("printf '%s|' \"$@\"; echo oh >&2; exit 3");
  REQUIRE(ran);
  CHECK(ran->exit_code == 3);
  CHECK(ran->out == "a b|$(id)|");
  CHECK(ran->err == "oh\n");
  const FarRecord record = lab.look_up();
  CHECK(record.state == State::Ended);
  CHECK(record.exit_code == 3);
  CHECK(record.same_boot);
  CHECK(record.boot_id.size() == 36);
}

TEST_CASE("far attempt: none starts twice") {
  Lab lab;
  REQUIRE(lab.start("echo once >>out").value().exit_code == 0);
  const auto again = lab.start("echo twice >>out");
  REQUIRE(again);
  CHECK(again->exit_code == kNoRecord);
  CHECK(std::filesystem::file_size(lab.home.root / "out") == 5);
  CHECK(lab.look_up().state == State::Ended);
}

TEST_CASE("far attempt: one that was asked about before it came never starts") {
  Lab lab;
  CHECK(lab.look_up().state == State::Never);
  CHECK(lab.look_up().state == State::Never);
  const auto late = lab.start("touch out");
  REQUIRE(late);
  CHECK(late->exit_code == kNoRecord);
  CHECK_FALSE(lab.exists("out"));
}

TEST_CASE("far attempt: it is seen running, and ended with all that it started") {
  Lab lab;
  auto running = std::async(std::launch::async, [&] {
    return lab.start("(while :; do echo >>out; sleep 0.01; done) & touch began; wait");
  });
  REQUIRE(eventually([&] { return lab.exists("began"); }));
  REQUIRE(eventually([&] { return lab.look_up().state == State::Running; }));
  const auto ended = lab.runner.run(end_recorded("a-1-1.0"), {});
  REQUIRE(ended);
  CHECK(ended->exit_code == 0);
  const auto ran = running.get();
  REQUIRE(ran);
  CHECK(ran->exit_code == 128 + 9);
  CHECK(lab.look_up().state == State::Ended);
  CHECK(lab.look_up().exit_code == 128 + 9);
  CHECK(lab.runner.run(end_recorded("a-1-1.0"), {}).value().exit_code != 0);  // nothing is left
}

TEST_CASE("far attempt: its time ends it when nobody else does") {
  Lab lab;
  const auto ran = lab.start("exec sleep 600", milliseconds(200));
  REQUIRE(ran);
  CHECK(ran->exit_code == 128 + 9);
  CHECK(lab.look_up().exit_code == 128 + 9);
}

TEST_CASE("far attempt: a pid that is another's by now is not taken for it") {
  Lab lab;
  REQUIRE(lab.start("true").value().exit_code == 0);
  const auto record = lab.home.root / ".fieldmedic/attempts/a-1-1.0";
  std::ifstream file(record);
  std::string began;
  std::getline(file, began);
  lab.home.write(".fieldmedic/attempts/a-1-1.0", began + "\nruns 1 1\n");
  CHECK(lab.look_up().state == State::Unknown);
  CHECK(lab.runner.run(end_recorded("a-1-1.0"), {}).value().exit_code != 0);
}

TEST_CASE("far attempt: without a record nothing is run") {
  Lab lab;
  lab.home.write(".fieldmedic", "a file where the folder should be");
  const auto refused = lab.start("touch out");
  REQUIRE(refused);
  CHECK(refused->exit_code == kNoRecord);
  CHECK_FALSE(lab.exists("out"));
  CHECK_FALSE(parse_record(lab.runner.run(ask_record("a-1-1.0"), {}).value().out));
}

TEST_CASE("far attempt: records of a month ago are cleared away") {
  Lab lab;
  const auto old = lab.home.write(".fieldmedic/attempts/old-1-1.0", "began x\n");
  lab.home.write(".fieldmedic/attempts/new-1-1.0", "began x\n");
  std::filesystem::last_write_time(
      old, std::filesystem::file_time_type::clock::now() - std::chrono::days(32));
  REQUIRE(lab.start("true").value().exit_code == 0);
  CHECK_FALSE(lab.exists(".fieldmedic/attempts/old-1-1.0"));
  CHECK(lab.exists(".fieldmedic/attempts/new-1-1.0"));
}

}  // namespace fieldmedic
