#include "common/process_runner.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

Command command(std::vector<std::string> argv, std::vector<std::string> environment = {},
                std::chrono::milliseconds timeout = 30s) {
  Command made;
  made.argv = std::move(argv);
  made.environment = std::move(environment);
  made.timeout = timeout;
  return made;
}

Result<ProcessResult> run(Command command, std::stop_token stop = {}) {
  LocalProcessRunner runner;
  return runner.run(command, stop);
}

// The tests bring their own shell; the runner has none.
Result<ProcessResult> script(std::string text, std::chrono::milliseconds timeout = 30s) {
  return run(command({"sh", "-c", std::move(text)}, {}, timeout));
}

bool alive(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && text[name_end + 2] != 'Z';
}

pid_t pid_in(const std::filesystem::path& file) {
  pid_t pid = 0;
  REQUIRE(eventually([&] { return bool(std::ifstream(file) >> pid) && pid > 0; }));
  return pid;
}

}  // namespace

TEST_CASE("process runner: exit code and both streams come back apart") {
  const auto result = script("echo out; echo err >&2; exit 3");
  REQUIRE(result);
  CHECK(result->exit_code == 3);
  CHECK(result->term_signal == 0);
  CHECK(result->out == "out\n");
  CHECK(result->err == "err\n");
}

TEST_CASE("process runner: a child that a signal ended says which") {
  const auto result = script("kill -TERM $$");
  REQUIRE(result);
  CHECK(result->term_signal == SIGTERM);
}

TEST_CASE("process runner: arguments reach the child untouched") {
  const auto result = run(command({"printf", "%s|", "a b", "$(id)", "", "; rm -rf /"}));
  REQUIRE(result);
  CHECK(result->out == "a b|$(id)||; rm -rf /|");
}

TEST_CASE("process runner: the environment is minimal plus what was given") {
  REQUIRE(setenv("FIELDMEDIC_LEAK", "1", 1) == 0);
  const auto result = run(command({"env"}, {"A=b c", "LANG=zh_CN.UTF-8"}));
  unsetenv("FIELDMEDIC_LEAK");
  REQUIRE(result);
  std::set<std::string> lines;
  std::istringstream stream(result->out);
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  CHECK(lines ==
        std::set<std::string>{"A=b c", "LANG=zh_CN.UTF-8",
                              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"});
}

TEST_CASE("process runner: a program is looked up in the PATH of the command") {
  const TempTree tree;
  tree.write("bin/greet", "#!/bin/sh\necho hello\n");
  std::filesystem::permissions(tree.root / "bin/greet", std::filesystem::perms::owner_all);
  CHECK(run(command({"greet"})).error().code == Errc::NotFound);
  const auto result = run(command({"greet"}, {"PATH=/nowhere::" + (tree.root / "bin").string()}));
  REQUIRE(result);
  CHECK(result->out == "hello\n");
}

TEST_CASE("process runner: what cannot be started says why") {
  const TempTree tree;
  tree.write("plain", "echo not run by a shell\n");
  tree.write("locked", "#!/bin/sh\n");
  std::filesystem::permissions(tree.root / "plain", std::filesystem::perms::owner_all);
  const auto code = [](Command refused) { return run(std::move(refused)).error().code; };
  CHECK(code(command({"/nonexistent/program"})) == Errc::NotFound);
  CHECK(code(command({"no-such-program-anywhere"})) == Errc::NotFound);
  CHECK(code(command({(tree.root / "locked").string()})) == Errc::Denied);
  CHECK(code(command({(tree.root / "plain").string()})) == Errc::Invalid);
  CHECK(code(command({})) == Errc::Invalid);
  CHECK(code(command({""})) == Errc::Invalid);
  CHECK(code(command({"true", std::string("a\0b", 3)})) == Errc::Invalid);
  CHECK(code(command({"true"}, {"no equals sign"})) == Errc::Invalid);
  CHECK(code(command({"true", std::string(4 << 20, 'a')})) == Errc::TooLarge);
}

TEST_CASE("process runner: output beyond the limit is read and thrown away") {
  auto noisy = command({"sh", "-c", "yes | head -c 3000000; echo end >&2"}, {}, 60s);
  noisy.output_limit = 1000;
  const auto result = run(noisy);
  REQUIRE(result);
  CHECK(result->exit_code == 0);
  CHECK(result->out.size() == 1000);
  CHECK(result->err == "end\n");
}

TEST_CASE("process runner: at the deadline the whole group is killed") {
  const TempTree tree;
  const auto pid_file = (tree.root / "pid").string();
  const auto result = script("sleep 600 & echo $! > " + pid_file + "; wait", 3s);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Timeout);
  const pid_t grandchild = pid_in(pid_file);
  CHECK(eventually([&] { return !alive(grandchild); }));
}

TEST_CASE("process runner: a stop request ends the run") {
  const TempTree tree;
  const auto pid_file = tree.root / "pid";
  std::stop_source source;
  std::jthread stopper([&] {
    (void)eventually([&] { return std::filesystem::exists(pid_file); });
    source.request_stop();
  });
  const auto sleeper =
      command({"sh", "-c", "echo $$ > " + pid_file.string() + "; sleep 600"}, {}, 600s);
  const auto result = run(sleeper, source.get_token());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Cancelled);
  CHECK_FALSE(alive(pid_in(pid_file)));
}

TEST_CASE("process runner: a child that outlives its end is no zombie once a later one runs") {
  // It leaves the group that is killed, which stands for one that the kernel cannot end at once.
  const TempTree tree;
  const auto path = [&](const char* name) { return (tree.root / name).native(); };
  const std::string leaver =
      "import os, sys, time\n"
      "parent, helper = os.getppid(), os.fork()\n"
      "if helper == 0:\n"
      "  parent = os.getppid()\n"
      "  while os.getppid() == parent: time.sleep(0.01)\n"
      "  os._exit(0)\n"
      "os.setpgid(helper, helper)\n"
      "os.setpgid(0, helper)\n"
      "with open(sys.argv[1] + '.new', 'w') as file: file.write(str(os.getpid()))\n"
      "os.rename(sys.argv[1] + '.new', sys.argv[1])\n"
      "while os.getppid() == parent and not os.path.exists(sys.argv[2]): time.sleep(0.01)\n";
  std::stop_source source;
  std::jthread stopper([&] {
    (void)eventually([&] { return std::filesystem::exists(path("pid")); });
    source.request_stop();
  });
  const auto result =
      run(command({"/usr/bin/python3", "-S", "-c", leaver, path("pid"), path("end")}, {}, 600s),
          source.get_token());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Cancelled);
  const pid_t late = pid_in(path("pid"));
  REQUIRE(kill(late, 0) == 0);
  tree.write("end", "");
  CHECK(eventually([&] { return run(command({"true"})) && kill(late, 0) != 0; }));
}

TEST_CASE("process runner: nothing is started once a stop was requested") {
  const TempTree tree;
  std::stop_source source;
  source.request_stop();
  const auto file = tree.root / "made";
  const auto result = run(command({"touch", file.string()}), source.get_token());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Cancelled);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("process runner: a grandchild that keeps the pipes open is not waited for and lives on") {
  const TempTree tree;
  const auto pid_file = (tree.root / "pid").string();
  const auto result = script("sleep 600 & echo $! > " + pid_file + "; echo done", 600s);
  REQUIRE(result);
  CHECK(result->exit_code == 0);
  CHECK(result->out == "done\n");
  const pid_t grandchild = pid_in(pid_file);
  CHECK(alive(grandchild));
  kill(grandchild, SIGKILL);
}

TEST_CASE("process runner: the child inherits no descriptor and no blocked signal") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);  // without O_CLOEXEC, as a careless library would
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  const auto old = signal(SIGPIPE, SIG_IGN);
  const auto descriptors = run(command({"ls", "/proc/self/fd"}));
  // The standard signals are the low 31 bits: glibc's posix_spawn itself ignores its two own.
  const auto status =
      run(command({"grep", "-cE", "^Sig(Blk|Ign):\t[0-9a-f]{8}[08]0{7}$", "/proc/self/status"}));
  signal(SIGPIPE, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(ends[0]);
  close(ends[1]);
  REQUIRE(descriptors);
  CHECK(descriptors->out == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
  REQUIRE(status);
  CHECK(status->out == "2\n");
}

TEST_CASE("process runner: many threads run commands at once and leave no descriptor or zombie") {
  const auto count = [] {
    const std::filesystem::directory_iterator fds("/proc/self/fd");
    return std::distance(begin(fds), end(fds));
  };
  const auto before = count();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&right, i] {
        for (int j = 0; j < 10; ++j) {
          const auto text = std::to_string(i * 100 + j);
          const auto result = run(command({"echo", text}));
          if (result && result->out == text + "\n") ++right;
        }
      });
    }
  }
  CHECK(right == 80);
  CHECK(count() == before);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}
