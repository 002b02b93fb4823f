// The processes of this machine, read as those of another: by a real shell and real tools.
#include "remediator/reach/far_processes.hpp"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

// With a grep of ours before the real one.
struct Host final : ProcessRunner {
  TempTree tree;

  explicit Host(const std::string& grep) {
    tree.write("grep", "#!/bin/sh\n" + grep + "\nexec /bin/grep \"$@\"\n");
    std::filesystem::permissions(tree.root / "grep", std::filesystem::perms::owner_all);
  }
  Result<ProcessResult> run(const Command& command, std::stop_token stop) override {
    Command here = command;
    here.argv.insert(here.argv.begin(), {"/usr/bin/env", "-i", "LANG=C",
                                         "PATH=" + tree.root.string() + ":/usr/bin:/bin"});
    here.timeout = std::chrono::seconds(60);
    return LocalProcessRunner().run(here, std::move(stop));
  }
};

}  // namespace

TEST_CASE("far processes: a real /proc is read") {
  Host host(":");
  auto read = read_far_processes(host, {}, {});
  REQUIRE(read);
  const auto self = read_process("/proc", getpid());
  REQUIRE(self);
  REQUIRE(read->all.contains(getpid()));
  FarProcess& found = read->all.at(getpid());
  CHECK(found.files.stat()->info.identity == self->identity);
  CHECK(found.files.executable().value_or("none") == self->executable);
  CHECK(split_command_line(found.files.command_line().value_or("")) == self->argv);
  CHECK(untouchable(*read, getpid()));  // the way in
}

TEST_CASE("far processes: a listing that lacks some is no answer") {
  for (const char* grep :
       {"case \"$*\" in *cmdline*) kill -s KILL $$ ;; esac",
        "case \"$*\" in *cmdline*)\n"
        "echo 'grep: 1/cmdline: Too many open files in system' >&2; exit 2 ;; esac"}) {
    INFO(grep);
    Host host(grep);
    const auto read = read_far_processes(host, {}, {});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::Unavailable);
  }
}

}  // namespace fieldmedic
