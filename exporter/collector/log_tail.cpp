#include "exporter/collector/log_tail.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "exporter/collector/log_rotation.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kChunk = 128uz * 1024;  // more than the longest line
constexpr int kMostGenerations = 16;          // read in one go
constexpr std::size_t kMostCandidates = 16;   // looked into for the rest of what we read

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_missing(const Error& error) {
  return error.code == Errc::NotFound;
}

}  // namespace

TailProgress& TailProgress::operator+=(const TailProgress& other) {
  bytes += other.bytes;
  cut_lines += other.cut_lines;
  gaps += other.gaps;
  lag += other.lag;
  if (other.wrote_at) wrote_at = std::max(wrote_at.value_or(*other.wrote_at), *other.wrote_at);
  return *this;
}

LogTail::LogTail(LogFiles& files, std::string path, FirstLook first, std::size_t first_bytes)
    : files_(&files), first_(first), first_bytes_(first_bytes) {
  at_.path = std::move(path);
}

LogTail::LogTail(LogFiles& files, TailPosition position)
    : files_(&files),
      first_(FirstLook::AtBeginning),
      looked_before_(true),
      resuming_(true),
      at_(std::move(position)) {}

Status LogTail::read(TailBudget& budget, const LineSink& sink, TailProgress& progress) {
  for (int generation = 0; generation < kMostGenerations && !budget.spent(); ++generation) {
    if (!has_file()) {
      const auto opened = open(budget, progress);
      if (!opened) return fail(opened.error());
      if (!*opened) return {};
    }
    // Before reading: what is written until then belongs to the open file and is not missed.
    const auto at_path = files_->status(at_.path, budget.stop_at);
    if (!at_path && !is_missing(at_path.error())) return fail(at_path.error());
    const auto drained = drain(budget, sink, progress);
    if (!drained && is_missing(drained.error())) {
      file_ = {};  // the helper was started anew
      resuming_ = true;
      continue;
    }
    if (!drained) return fail(drained.error());
    if (*drained == Drained::Truncated) {
      close(budget.stop_at);
      resuming_ = true;
      continue;
    }
    if (status_.size > 0) progress.wrote_at = status_.modified;
    const bool other = at_path && at_path->id != at_.file;
    if (*drained == Drained::OutOfBudget) {
      progress.lag += status_.size - std::min(status_.size, at_.offset);
      if (other) progress.lag += at_path->size;
      return {};
    }
    // A renamed file is written to until its successor is; a removed one holds disk space.
    const bool left = at_path ? other && (copy_ || at_path->size > 0) : !status_.named;
    if (!left) {
      progress.lag += status_.size - std::min(status_.size, at_.offset);
      return {};
    }
    if (auto status = finish_line(sink, progress, budget.stop_at); !status) return status;
    if (!at_path) {
      close(budget.stop_at);
      forget_position();
      return {};
    }
    if (auto status = go_to_next(*at_path, budget.stop_at); !status) return status;
  }
  return {};
}

std::optional<TailPosition> LogTail::position() const {
  if (at_.file == FileId{}) return std::nullopt;
  return at_;
}

Result<bool> LogTail::open(TailBudget& budget, TailProgress& progress) {
  if (resuming_) {
    const auto found = find_rest(budget.stop_at);
    if (!found) return fail(found.error());
    resuming_ = false;
    if (*found) return true;
    if (at_.offset > 0) ++progress.gaps;
    forget_position();
  }
  const auto opened = files_->follow(at_.path, budget.stop_at);
  if (!opened && !is_missing(opened.error())) return fail(opened.error());  // it may be an old one
  const bool first_look = !std::exchange(looked_before_, true);
  if (!opened) return false;
  std::uint64_t offset = 0;
  if (first_look && first_ == FirstLook::AtEnd) {
    const auto size = opened->second.size;
    offset = size - std::min<std::uint64_t>(size, first_bytes_);
  }
  if (auto status = begin(opened->first, offset, budget.stop_at); !status) {
    return fail(status.error());
  }
  return true;
}

Status LogTail::begin(const FollowedFile& file, std::uint64_t offset, SteadyTime deadline) {
  file_ = file;
  copy_ = false;
  const auto context = at_.context;  // a stack trace goes on in the next file
  forget_position();
  at_.context = context;
  at_.file = file.id;
  at_.offset = offset;
  if (offset == 0) return {};
  const auto length = std::min<std::uint64_t>(offset, Mark::kMost);
  auto before = files_->read(file_, offset - length, length, deadline);
  if (!before) return fail(before.error());
  at_.mark = Mark::of(before->bytes);
  at_.skipping = !before->bytes.ends_with('\n');
  return {};
}

// Of the file followed: itself and what rotation made of it, the newest first.
std::vector<FolderEntry> LogTail::generations(SteadyTime deadline) {
  const auto base = base_name(at_.path);
  const auto ours = [&](const std::string& name) {
    return name == base || is_old_generation(name, base);
  };
  auto entries = files_->list(folder_of(at_.path), ours, deadline);
  if (entries) return std::move(*entries);
  // A folder that must not be listed: what is at the path has to do.
  const auto status = files_->status(at_.path, deadline);
  return status ? std::vector<FolderEntry>{{base, *status}} : std::vector<FolderEntry>{};
}

// The file that we read is looked for by what it is, then by what stands before our offset: inodes
// are not kept by copytruncate, and device numbers not by every reboot.
Result<bool> LogTail::find_rest(SteadyTime deadline) {
  auto candidates = generations(deadline);
  const auto ours_by_id = std::ranges::find(
      candidates, at_.file, [](const FolderEntry& entry) { return entry.status.id; });
  if (ours_by_id != candidates.end())
    std::rotate(candidates.begin(), ours_by_id, std::next(ours_by_id));
  if (candidates.size() > kMostCandidates) candidates.resize(kMostCandidates);
  for (const auto& candidate : candidates) {
    const bool same = candidate.status.id == at_.file;
    if (candidate.status.size < at_.offset || (!same && at_.mark.length == 0)) continue;
    const auto ours = adopt_if_ours(join_path(folder_of(at_.path), candidate.name), deadline);
    if (!ours) return fail(ours.error());
    if (!*ours) continue;
    copy_ = !same && candidate.name != base_name(at_.path);
    return true;
  }
  return false;
}

Result<bool> LogTail::adopt_if_ours(const std::string& path, SteadyTime deadline) {
  const auto opened = files_->follow(path, deadline);
  if (!opened) {
    if (opened.error().code == Errc::Timeout) return fail(opened.error());
    return false;  // gone meanwhile, or not for us
  }
  const auto length = at_.mark.length;
  const auto before = files_->read(opened->first, at_.offset - length, length, deadline);
  const bool ours = before && Mark::of(before->bytes) == at_.mark;
  if (!ours) {
    files_->forget(opened->first, deadline);
    if (!before && before.error().code == Errc::Timeout) return fail(before.error());
    return false;
  }
  file_ = opened->first;
  at_.file = file_.id;
  return true;
}

Result<LogTail::Drained> LogTail::drain(TailBudget& budget, const LineSink& sink,
                                        TailProgress& progress) {
  while (true) {
    const std::size_t before = at_.mark.length;
    auto piece = files_->read(file_, at_.offset - before, before + kChunk, budget.stop_at);
    if (!piece) return fail(piece.error());
    status_ = piece->status;
    const std::string_view bytes = piece->bytes;
    if (bytes.size() < before || status_.size < at_.offset ||
        Mark::of(bytes.substr(0, before)) != at_.mark) {
      return Drained::Truncated;
    }
    const auto text = bytes.substr(before);
    const auto taken = take(text, sink, progress);
    at_.offset += taken;
    at_.mark = Mark::of(bytes.substr(0, before + taken));
    progress.bytes += taken;
    budget.bytes -= std::min(budget.bytes, taken);
    if (text.size() < kChunk) return Drained::ToTheEnd;
    if (budget.spent()) return Drained::OutOfBudget;
  }
}

std::size_t LogTail::take(std::string_view text, const LineSink& sink, TailProgress& progress) {
  std::size_t taken = 0;
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', taken)) {
    if (!std::exchange(at_.skipping, false)) give(text.substr(taken, end - taken), sink, progress);
    taken = end + 1;
  }
  const auto rest = text.substr(taken);
  if (at_.skipping) return text.size();
  if (rest.size() <= kLongestLine) return taken;
  give(rest, sink, progress);
  at_.skipping = true;
  return text.size();
}

void LogTail::give(std::string_view line, const LineSink& sink, TailProgress& progress) {
  if (line.size() > kLongestLine) {
    ++progress.cut_lines;
    line = line.substr(0, kLongestLine);
  } else if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  sink(line, at_.context);
}

Status LogTail::finish_line(const LineSink& sink, TailProgress& progress, SteadyTime deadline) {
  const auto rest = files_->read(file_, at_.offset, kLongestLine, deadline);
  if (!rest) return fail(rest.error());
  if (rest->bytes.empty() || at_.skipping) return {};
  give(rest->bytes, sink, progress);
  progress.bytes += rest->bytes.size();
  return {};
}

// The oldest generation that was written to after the file we leave, or what is at the path.
Status LogTail::go_to_next(const FileStatus& at_path, SteadyTime deadline) {
  const auto left = status_;
  close(deadline);
  std::string next = at_.path;
  for (const auto& entry : generations(deadline)) {  // the newest first
    const bool between = entry.status.modified > left.modified && entry.status.id != left.id &&
                         entry.status.id != at_path.id;
    if (between) next = join_path(folder_of(at_.path), entry.name);
  }
  const auto opened = files_->follow(next, deadline);
  if (!opened) {
    forget_position();
    return is_missing(opened.error()) ? Status() : fail(opened.error());
  }
  return begin(opened->first, 0, deadline);
}

void LogTail::close(SteadyTime deadline) {
  if (has_file()) files_->forget(file_, deadline);
  file_ = {};
}

void LogTail::forget_position() {
  at_ = {.path = std::move(at_.path),
         .file = {},
         .offset = 0,
         .mark = {},
         .skipping = false,
         .context = at_.context};
}

}  // namespace fieldmedic
