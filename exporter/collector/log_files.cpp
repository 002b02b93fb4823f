#include "exporter/collector/log_files.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "exporter/collector/log_rotation.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostEntries = 4096;
constexpr std::uint64_t kMostLookedAt = 100'000;
constexpr std::size_t kAtOnce = 32;  // requests of one round trip

FileStatus status_of(const FileStat& stat) {
  return {{stat.device, stat.inode}, stat.size, stat.modified, stat.links > 0};
}

}  // namespace

Result<std::pair<FollowedFile, FileStatus>> LogFiles::follow(const std::string& path,
                                                             SteadyTime deadline) {
  const auto answer = ask_file(*client_, {.verb = FileVerb::Follow, .path = path}, deadline);
  if (!answer) return fail(answer.error());
  const auto status = status_of(answer->stat);
  return std::pair{FollowedFile{path, status.id}, status};
}

void LogFiles::forget(const FollowedFile& file, SteadyTime deadline) {
  const FileRequest request{.verb = FileVerb::Forget,
                            .path = file.path,
                            .device = file.id.device,
                            .inode = file.id.inode};
  if (!ask_file(*client_, request, deadline)) return;  // closed when the helper ends
}

Result<FilePiece> LogFiles::read(const FollowedFile& file, std::uint64_t offset, std::size_t most,
                                 SteadyTime deadline) {
  FilePiece piece;
  while (true) {
    const auto wanted = std::min<std::size_t>(most - piece.bytes.size(), kMostReadBytes);
    auto answer = ask_file(*client_,
                           {.verb = FileVerb::Follow,
                            .path = file.path,
                            .offset = offset + piece.bytes.size(),
                            .bytes = static_cast<std::uint32_t>(wanted),
                            .device = file.id.device,
                            .inode = file.id.inode},
                           deadline);
    if (!answer) return fail(std::move(answer.error()));
    if (piece.bytes.empty()) piece.status = status_of(answer->stat);
    piece.bytes += answer->bytes;
    if (answer->bytes.size() < wanted || piece.bytes.size() == most) return piece;
  }
}

Result<std::string> LogFiles::read_end(const std::string& path, std::size_t most,
                                       SteadyTime deadline) {
  const auto found = status(path, deadline);
  if (!found) return fail(found.error());
  std::uint64_t offset = found->size - std::min<std::uint64_t>(found->size, most);
  std::string bytes;
  while (bytes.size() < most) {
    const auto wanted = std::min<std::size_t>(most - bytes.size(), kMostReadBytes);
    const auto answer = ask_file(*client_,
                                 {.verb = FileVerb::Read,
                                  .path = path,
                                  .offset = offset,
                                  .bytes = static_cast<std::uint32_t>(wanted)},
                                 deadline);
    if (!answer) return fail(answer.error());
    bytes += answer->bytes;
    offset += answer->bytes.size();
    if (answer->bytes.size() < wanted) break;
  }
  return bytes;
}

Result<FileStatus> LogFiles::status(const std::string& path, SteadyTime deadline) {
  const auto answer = ask_file(*client_, {.verb = FileVerb::Stat, .path = path}, deadline);
  if (!answer) return fail(answer.error());
  if (!answer->stat.regular) return fail(Errc::Invalid, path + ": no regular file");
  return status_of(answer->stat);
}

Result<std::vector<std::string>> LogFiles::names_in(
    const std::string& folder, const std::function<bool(const std::string& name)>& wanted,
    SteadyTime deadline) {
  std::vector<std::string> names;
  for (std::uint64_t seen = 0; seen < kMostLookedAt;) {
    const auto page =
        ask_file(*client_, {.verb = FileVerb::List, .path = folder, .offset = seen}, deadline);
    if (!page) return fail(page.error());
    if (page->bytes.empty()) return names;
    for (std::string_view rest = page->bytes; !rest.empty(); ++seen) {
      const auto end = std::min(rest.find('\0'), rest.size());
      std::string name(rest.substr(0, end));
      if (wanted(name)) names.push_back(std::move(name));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (names.size() > kMostEntries) break;
  }
  return fail(Errc::TooLarge, fmt::format("{}: too many files in one folder", folder));
}

Result<std::vector<FolderEntry>> LogFiles::list(
    const std::string& folder, const std::function<bool(const std::string& name)>& wanted,
    SteadyTime deadline) {
  auto names = names_in(folder, wanted, deadline);
  if (!names) return fail(std::move(names.error()));
  std::vector<FolderEntry> entries;
  for (std::size_t begin = 0; begin < names->size(); begin += kAtOnce) {
    const std::span batch(names->begin() + static_cast<std::ptrdiff_t>(begin),
                          std::min(kAtOnce, names->size() - begin));
    std::vector<FileRequest> requests;
    for (const auto& name : batch) {
      requests.push_back({.verb = FileVerb::Stat, .path = join_path(folder, name)});
    }
    auto answers = client_->ask(requests, deadline);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& answer = answers[i];
      if (answer && answer->stat.regular) entries.push_back({batch[i], status_of(answer->stat)});
      if (!answer && answer.error().code == Errc::Timeout) return fail(answer.error());
    }  // any other error: gone meanwhile, or not for us
  }
  std::ranges::sort(entries, std::ranges::greater{},
                    [](const FolderEntry& entry) { return entry.status.modified; });
  return entries;
}

}  // namespace fieldmedic
