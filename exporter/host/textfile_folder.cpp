#include "exporter/host/textfile_folder.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fieldmedic {
namespace {

constexpr std::size_t kMostFiles = 256;
constexpr std::size_t kLargest = 1 << 20;
constexpr std::size_t kMostEntries = 65536;  // looked at in one folder

// The names on one page of a list that are text files; how many names there were.
std::size_t take_names(std::string_view page, std::vector<std::string>& names) {
  std::size_t count = 0;
  for (; !page.empty(); ++count) {
    const auto name = page.substr(0, page.find('\0'));
    if (name.ends_with(".prom")) names.emplace_back(name);
    page.remove_prefix(std::min(page.size(), name.size() + 1));
  }
  return count;
}

Result<std::vector<std::string>> list_names(FileClient& files, const std::string& folder,
                                            SteadyTime deadline) {
  std::vector<std::string> names;
  for (std::size_t seen = 0; seen < kMostEntries;) {
    const auto page =
        ask_file(files, {.verb = FileVerb::List, .path = folder, .offset = seen}, deadline);
    if (!page) return fail(page.error());
    const std::size_t count = take_names(page->bytes, names);
    if (names.size() > kMostFiles) {
      return fail(Errc::TooLarge, folder + ": more than 256 files *.prom");
    }
    if (count == 0) {
      std::ranges::sort(names);
      return names;
    }
    seen += count;
  }
  return fail(Errc::TooLarge, folder + ": more than 65,536 entries");
}

TextFile read_text_file(FileClient& files, std::string path, SteadyTime deadline) {
  TextFile file{std::move(path), std::string(), {}};
  while (true) {
    auto part = ask_file(files,
                         {.verb = FileVerb::Read,
                          .path = file.path,
                          .offset = file.content->size(),
                          .bytes = kMostReadBytes},
                         deadline);
    if (!part) {
      file.content = fail(std::move(part.error()));
      return file;
    }
    file.modified = part->stat.modified;
    *file.content += part->bytes;
    if (file.content->size() > kLargest) {
      file.content = fail(Errc::TooLarge, "larger than 1 MiB");
      return file;
    }
    if (part->bytes.size() < kMostReadBytes) return file;
  }
}

}  // namespace

Result<std::vector<TextFile>> read_text_files(FileClient& files, const std::string& folder,
                                              SteadyTime deadline) {
  const auto names = list_names(files, folder, deadline);
  if (!names) return fail(names.error());
  std::vector<TextFile> read;
  read.reserve(names->size());
  const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
  for (const auto& name : *names) read.push_back(read_text_file(files, prefix + name, deadline));
  return read;
}

}  // namespace fieldmedic
