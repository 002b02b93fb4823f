#include "common/process_table.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <re2/re2.h>

#include "common/process_files.hpp"

namespace fieldmedic {
namespace {

// The pid that a pid file holds; 0 when the file is not there or holds no pid: nobody runs then.
Result<pid_t> read_pid_file(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return 0;
  char text[kMostPidFileBytes] = {};
  const ssize_t length = file ? read(file.get(), text, sizeof text) : -1;
  if (length < 0) {
    const auto code = errno == EACCES ? Errc::Denied : Errc::Io;
    return fail(code, fmt::format("pid file {}: {}", path, std::strerror(errno)));
  }
  return parse_pid_file({text, static_cast<std::size_t>(length)});
}

// Everything that the files still hold; a process that ends meanwhile loses only those.
ProcessInfo describe(ProcessFiles& files) {
  ProcessInfo info = files.stat()->info;
  if (files.executable()) info.executable = *files.executable();
  if (files.command_line()) info.argv = split_command_line(*files.command_line());
  return info;
}

std::string joined(std::string_view command_line) {
  std::string text(command_line);
  while (text.ends_with('\0')) text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

template <class T>
bool is_denied(const Result<T>& result) {
  return !result && result.error().code == Errc::Denied;
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // all of it when there is no slash
}

// NotFound is an answer (no match); Denied too, unless the caller knows another way.
template <class T>
Result<bool> as_no_match(const Result<T>& result) {
  if (result.error().code == Errc::Io || result.error().code == Errc::Malformed) {
    return fail(result.error());
  }
  return false;
}

}  // namespace

struct ProcessMatcher::Compiled {
  ProcessPattern pattern;
  std::unique_ptr<const re2::RE2> command_line;  // null when the pattern has none

  [[nodiscard]] Result<bool> executable_matches(ProcessFiles& files) const {
    const auto& executable = files.executable();
    if (executable) return *executable == pattern.executable;
    if (executable.error().code != Errc::Denied) return as_no_match(executable);
    // Another user's process hides its executable but not its first argument.
    const auto& arguments = files.command_line();
    if (!arguments) return as_no_match(arguments);
    return std::string_view(*arguments).substr(0, arguments->find('\0')) == pattern.executable;
  }
  [[nodiscard]] Result<bool> command_line_matches(ProcessFiles& files) const {
    const auto& arguments = files.command_line();
    if (!arguments) return as_no_match(arguments);
    return !arguments->empty() && re2::RE2::PartialMatch(joined(*arguments), *command_line);
  }
  // Cheapest first: most processes fail at the first file.
  [[nodiscard]] Result<bool> matches(ProcessFiles& files) const {
    if (!pattern.executable.empty()) {
      if (const auto match = executable_matches(files); !match || !*match) return match;
    }
    if (command_line != nullptr) {
      if (const auto match = command_line_matches(files); !match || !*match) return match;
    }
    const auto& stat = files.stat();
    if (!stat) return as_no_match(stat);
    return stat->living_program();
  }

  // Of one that does not match: whether it might if we were allowed to read it, since nothing that
  // can be read speaks against it.
  [[nodiscard]] bool cannot_tell(ProcessFiles& files) const {
    if (!pattern.executable.empty()) {
      const auto& executable = files.executable();
      if (executable ? *executable != pattern.executable : !is_denied(executable)) return false;
      if (!executable && !may_run_it(files)) return false;
    }
    if (command_line != nullptr) {
      const auto& arguments = files.command_line();
      if (arguments
              ? arguments->empty() || !re2::RE2::PartialMatch(joined(*arguments), *command_line)
              : !is_denied(arguments))
        return false;
    }
    const auto& stat = files.stat();
    return stat ? stat->living_program() : is_denied(stat);
  }
  // Where the executable is hidden the names show which of all the others' processes may be it. A
  // process that a pid file names is worth a doubt whatever it is called.
  [[nodiscard]] bool may_run_it(ProcessFiles& files) const {
    const auto& stat = files.stat();
    const auto& arguments = files.command_line();
    if (!pattern.pid_file.empty() || !stat || !arguments) return true;
    const std::string_view wanted = file_name(pattern.executable);
    constexpr std::size_t kNameLength = 15;  // TASK_COMM_LEN without its end
    return stat->name == wanted.substr(0, kNameLength) ||
           file_name(std::string_view(*arguments).substr(0, arguments->find('\0'))) == wanted;
  }
};

Result<ProcessInfo> parse_process_stat(std::string_view text) {
  auto stat = parse_process_stat_fields(text);
  if (!stat) return fail(std::move(stat.error()));
  return std::move(stat->info);
}

// "-1", "8.2302" or a date hold digits and name nobody; half a word must not become a victim.
pid_t parse_pid_file(std::string_view text) {
  constexpr std::string_view kBetween(" \t\r\n=\0", 6);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
    if (text.empty()) return 0;
    const auto word = text.substr(0, text.find_first_of(kBetween));
    const char* const end = std::to_address(word.end());
    pid_t pid = 0;
    const auto [read_to, error] = std::from_chars(std::to_address(word.begin()), end, pid);
    if (read_to == end) return error == std::errc{} ? std::max(pid, 0) : 0;
    text.remove_prefix(word.size());
  }
}

Result<ProcessInfo> read_process(const std::filesystem::path& procfs, pid_t pid) {
  const auto folder = open_procfs(procfs);
  if (!folder) return fail(folder.error());
  ProcessFiles files(folder->get(), pid);
  if (!files.stat()) return fail(files.stat().error());
  return describe(files);
}

Result<ProcessMatcher> ProcessMatcher::compile(ProcessPattern pattern) {
  auto compiled = std::make_shared<Compiled>();
  if (!pattern.command_line.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    compiled->command_line = std::make_unique<const re2::RE2>(pattern.command_line, options);
    if (!compiled->command_line->ok()) {
      return fail(Errc::Invalid, fmt::format("command_line '{}': {}", pattern.command_line,
                                             compiled->command_line->error()));
    }
  }
  compiled->pattern = std::move(pattern);
  ProcessMatcher matcher;
  matcher.compiled_ = std::move(compiled);
  return matcher;
}

Result<bool> ProcessMatcher::matches(ProcessFiles& files) const {
  if (compiled_ == nullptr || compiled_->pattern.empty()) return false;
  return compiled_->matches(files);
}

bool ProcessMatcher::cannot_tell(ProcessFiles& files) const {
  return compiled_ != nullptr && !compiled_->pattern.empty() && compiled_->cannot_tell(files);
}

Result<std::vector<pid_t>> ProcessMatcher::candidates(int procfs) const {
  if (compiled_ == nullptr || compiled_->pattern.empty()) return std::vector<pid_t>{};
  if (compiled_->pattern.pid_file.empty()) return list_pids(procfs);
  const auto pid = read_pid_file(compiled_->pattern.pid_file);
  if (!pid) return fail(pid.error());
  return *pid == 0 ? std::vector<pid_t>{} : std::vector<pid_t>{*pid};
}

// What find and find_among have seen so far.
class ProcessMatcher::Search {
 public:
  explicit Search(const ProcessMatcher& matcher) : matcher_(matcher) {}

  [[nodiscard]] Status look_at(ProcessFiles& files) {
    const auto match = matcher_.matches(files);
    if (!match) return fail(match.error());
    if (*match)
      found_.push_back(describe(files));
    else if (matcher_.cannot_tell(files))
      doubtful_ = files.pid();
    return {};
  }
  [[nodiscard]] bool found_none() const { return found_.empty() && doubtful_ == 0; }
  // Ordered by start time.
  [[nodiscard]] Result<std::vector<ProcessInfo>> end() {
    if (found_.empty() && doubtful_ != 0)
      return fail(Errc::Denied,
                  fmt::format("pid {} may match, but is not ours to read", doubtful_));
    std::ranges::sort(found_, {}, [](const ProcessInfo& process) {
      return std::pair(process.identity.start_ticks, process.identity.pid);
    });
    return std::move(found_);
  }

 private:
  const ProcessMatcher& matcher_;
  std::vector<ProcessInfo> found_;
  pid_t doubtful_ = 0;
};

Result<std::vector<ProcessInfo>> ProcessMatcher::find(const std::filesystem::path& procfs) const {
  const auto folder = open_procfs(procfs);
  if (!folder) return fail(folder.error());
  const auto pids = candidates(folder->get());
  if (!pids) return fail(pids.error());
  Search search(*this);
  for (const pid_t pid : *pids) {
    ProcessFiles files(folder->get(), pid);
    if (auto looked = search.look_at(files); !looked) return fail(looked.error());
  }
  if (search.found_none() && !pids->empty() && hides_processes(folder->get()))
    return fail(Errc::Denied, "the processes of others are hidden from us (hidepid)");
  return search.end();
}

Result<std::vector<ProcessInfo>> ProcessMatcher::find_among(std::span<ProcessFiles> all) const {
  Search search(*this);
  for (ProcessFiles& files : all)
    if (auto looked = search.look_at(files); !looked) return fail(looked.error());
  return search.end();
}

Result<std::string> read_environment(const std::filesystem::path& procfs, pid_t pid,
                                     std::string_view name) {
  const auto folder = open_procfs(procfs);
  if (!folder) return fail(folder.error());
  const auto text = ProcessFiles(folder->get(), pid).environment();
  if (!text) return fail(text.error());
  for (const auto& entry : split_command_line(*text)) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return fail(Errc::NotFound, fmt::format("process {}: no variable {}", pid, name));
}

}  // namespace fieldmedic
