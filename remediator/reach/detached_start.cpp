#include "remediator/reach/detached_start.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <pthread.h>

#include "common/file_descriptor.hpp"

namespace fieldmedic {

namespace {

// What the new process says before the program takes over. Small enough for one atomic write.
struct Word {
  pid_t pid = 0;
  int error = 0;  // 0: "I am here"; else the errno that ended the start
};

// Prepared before fork: after it, in a process of many threads, only system calls are allowed.
struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> environment;
  const char* directory = nullptr;
  int null = -1;
  int words = -1;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts)
    result.push_back(const_cast<char*>(text.c_str()));  // execve(2) takes char*, and only reads
  result.push_back(nullptr);
  return result;
}

void say(int words, Word word) {
  // Nobody is left to be told when this fails; SIGPIPE ends us if the remediator died meanwhile,
  // so that a start that nobody waits for does not happen later.
  [[maybe_unused]] const ssize_t written = write(words, &word, sizeof word);
}

[[noreturn]] void give_up(int words) {
  say(words, {getpid(), errno});
  _exit(127);
}

void reset_signals() {
  struct sigaction plain{};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number <= SIGRTMAX; ++number) sigaction(number, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const Prepared& prepared) {
  if (setsid() < 0) give_up(prepared.words);
  reset_signals();
  umask(022);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (dup2(prepared.null, standard) < 0) give_up(prepared.words);
  // Everything else closes as the program takes over; until then the pipe carries the error.
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) give_up(prepared.words);
  if (chdir(prepared.directory) != 0) give_up(prepared.words);
  say(prepared.words, {getpid(), 0});
  execve(prepared.argv[0], prepared.argv.data(), prepared.environment.data());
  give_up(prepared.words);
}

// Forks twice and reaps the process between. Signals stay blocked meanwhile, so that none of our
// handlers runs in a child.
Status fork_twice(const Prepared& prepared) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t between = fork();
  const int error = errno;
  if (between == 0) {
    const pid_t last = fork();
    if (last == 0) become(prepared);
    _exit(last < 0 ? 1 : 0);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (between < 0) return fail(Errc::Io, fmt::format("fork: {}", std::strerror(error)));
  int status = 0;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(Errc::Io, "fork: no process left");
  return {};
}

// Reads until the pipe closes: the program has taken over, or its process has ended.
Word last_word(int words) {
  Word last;
  for (;;) {
    Word word;
    const ssize_t got = read(words, &word, sizeof word);
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof word)) return last;
    last = word;
  }
}

Errc code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return Errc::NotFound;
  if (error == EACCES || error == EPERM) return Errc::Denied;
  if (error == ENOEXEC || error == E2BIG) return Errc::Invalid;
  return Errc::Io;
}

}  // namespace

Result<pid_t> start_detached(const DetachedProgram& program) {
  if (program.argv.empty() || !program.argv[0].starts_with('/'))
    return fail(Errc::Invalid, "the program to start must be an absolute path");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::Io, "no descriptor left to start with");
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const FileDescriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail(Errc::Io, "cannot open /dev/null");

  const Prepared prepared{pointers(program.argv), pointers(program.environment),
                          program.working_directory.c_str(), null.get(), writing.get()};
  if (auto forked = fork_twice(prepared); !forked) return fail(forked.error());
  writing = FileDescriptor();
  const Word word = last_word(reading.get());
  if (word.pid == 0) return fail(Errc::Io, "the new process ended before its program took over");
  if (word.error != 0)
    return fail(code_of(word.error),
                fmt::format("{}: {}", program.argv[0], std::strerror(word.error)));
  return word.pid;
}

}  // namespace fieldmedic
