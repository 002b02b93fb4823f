#include "remediator/actions/container_evidence.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/file_descriptor.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// "NAME=value" becomes "NAME=…".
void hide_values(Json& inspect) {
  const auto config = inspect.find("Config");
  if (config == inspect.end() || !config->is_object()) return;
  const auto environment = config->find("Env");
  if (environment == config->end() || !environment->is_array()) return;
  for (Json& variable : *environment) {
    const auto text = variable.is_string() ? variable.get<std::string>() : std::string();
    variable = text.substr(0, text.find('=')) + "=…";
  }
}

std::unexpected<Error> failed(const fs::path& path, int number) {
  Errc code = Errc::Io;
  if (number == ENOSPC || number == EDQUOT) code = Errc::Full;
  if (number == EACCES || number == EPERM || number == EROFS) code = Errc::Denied;
  return fail(code, fmt::format("{}: {}", path.string(), std::generic_category().message(number)));
}

Status write_all(const fs::path& path, std::string_view text) {
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return failed(path, errno);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return failed(path, errno);
  return {};
}

// What cannot be removed stays; the next time it is tried again.
void remove_oldest(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".log" || entry.is_symlink(ignored)) continue;
    files.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  if (files.size() <= kMostEvidence) return;
  std::ranges::sort(files);
  files.resize(files.size() - kMostEvidence);
  for (const auto& [time, path] : files) fs::remove(path, ignored);
}

}  // namespace

std::string container_evidence(std::string_view attempt, const ContainerState& container,
                               std::string_view log) {
  Json inspect = Json::parse(container.inspect, nullptr, false);
  if (inspect.is_object()) hide_values(inspect);
  return fmt::format("# attempt {}: container {} ({}) before its restart\n{}\n# its log\n{}",
                     attempt, container.name, container.id,
                     inspect.is_object()
                         ? inspect.dump(2, ' ', false, Json::error_handler_t::replace)
                         : std::string("(its description cannot be read)"),
                     log);
}

Status keep_evidence(const fs::path& file, std::string_view text) {
  const fs::path folder = file.parent_path();
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder, errno);
  const fs::path fresh = folder / (file.filename().string() + ".new");
  auto written = write_all(fresh, text);
  if (written && ::rename(fresh.c_str(), file.c_str()) != 0) written = failed(file, errno);
  if (!written) {
    ::unlink(fresh.c_str());
    return written;
  }
  remove_oldest(folder);
  return {};
}

}  // namespace fieldmedic
