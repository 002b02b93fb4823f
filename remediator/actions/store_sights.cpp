#include "remediator/actions/store_sights.hpp"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/far_stores.hpp"
#include "remediator/reach/folder.hpp"
#include "remediator/reach/link_switch.hpp"

namespace fieldmedic {

namespace {

// Gone with its process or its descriptor, and so open no more. Anything else that cannot be read
// may still be.
bool is_gone(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::no_such_process;
}

std::unexpected<Error> unread(const std::error_code& error) {
  const bool denied = error == std::errc::permission_denied;
  return fail(denied ? Errc::Denied : Errc::Io, error.message());
}

// Whether a process holds a file below the folder open, by its descriptors in procfs.
Result<bool> holds_open(const std::filesystem::path& descriptors, const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator each(descriptors, error);
  while (!error && each != std::filesystem::directory_iterator()) {
    const std::string path = std::filesystem::read_symlink(each->path(), error).string();
    if (error && !is_gone(error)) return unread(error);
    if (path.starts_with(folder + "/")) return true;
    each.increment(error);
  }
  if (error && !is_gone(error)) return unread(error);
  return false;
}

Result<StoreUsers> users_here(const HostRoot& host, const ProcessPattern& pattern,
                              const std::string& folder) {
  const auto found = read_collector_processes(host.procfs, pattern);
  if (!found) return fail(found.error());
  StoreUsers users{members_of(identities_of(found->matching), found->candidates), {}};
  for (const ProcessInfo& member : users.members) {
    const pid_t pid = member.identity.pid;
    const auto holds = holds_open(host.procfs / std::to_string(pid) / "fd", folder);
    if (!holds) return wrap(holds.error(), fmt::format("the open files of pid {}", pid));
    if (*holds) users.holders.push_back(pid);
  }
  return users;
}

Result<StoreUsers> users_far(const StorePlace& place, const ProcessPattern& pattern,
                             const std::string& folder) {
  ProcessRunner& runner = *place.far->runner;
  auto processes = read_far_processes(runner, pattern.pid_file, place.stop);
  if (!processes) return fail(processes.error());
  const auto matching = find_matching(*processes, pattern);
  if (!matching) return fail(matching.error());
  StoreUsers users{members_of(identities_of(*matching), living_programs(*processes)), {}};
  if (users.members.empty()) return users;
  std::vector<pid_t> pids;
  for (const ProcessInfo& member : users.members) pids.push_back(member.identity.pid);
  const auto ran = runner.run(ask_holders(folder, pids), place.stop);
  if (!ran) return fail(ran.error());
  auto holders = parse_holders(ran->out, pids);
  if (!holders) return fail(holders.error());
  users.holders = *std::move(holders);
  return users;
}

Result<FarStore> far_store(const StorePlace& place, const std::string& folder) {
  const auto ran = place.far->runner->run(ask_store(folder), place.stop);
  if (!ran) return fail(ran.error());
  return parse_store(ran->out, folder);
}

// As statvfs(3) has it.
struct Room {
  std::uint64_t free_blocks = 0;
  std::uint64_t blocks = 0;
  std::uint64_t free_inodes = 0;
  std::uint64_t inodes = 0;
};

Result<Room> room_of(const StorePlace& place, const std::string& store) {
  if (place.far != nullptr) {
    const auto sight = far_store(place, store);
    if (!sight) return fail(sight.error());
    return Room{sight->free_blocks, sight->blocks, sight->free_inodes, sight->inodes};
  }
  const auto folder = open_folder(store);
  if (!folder) return fail(folder.error());
  struct statvfs room{};
  if (fstatvfs(folder->get(), &room) != 0)
    return fail(Errc::Io, fmt::format("{}: {}", store, std::strerror(errno)));
  return Room{room.f_bavail, room.f_blocks, room.f_favail, room.f_files};
}

}  // namespace

Result<std::string> link_at(const StorePlace& place, const std::string& link) {
  if (place.far == nullptr) return read_link(link);
  const auto ran = place.far->runner->run(ask_link(link), place.stop);
  if (!ran) return fail(ran.error());
  return parse_link(ran->out, link);
}

Result<StoreSight> store_at(const StorePlace& place, const std::string& folder) {
  if (place.far != nullptr) {
    const auto sight = far_store(place, folder);
    if (!sight) return fail(sight.error());
    return StoreSight{sight->files, sight->bytes, sight->files > kMostEntries};
  }
  const auto sight = look_at_folder(folder);
  if (!sight && sight.error().code == Errc::TooLarge) return StoreSight{kMostEntries, 0, true};
  if (!sight) return fail(sight.error());
  return StoreSight{sight->files, sight->bytes};
}

Status store_is_there(const StorePlace& place, const std::string& folder) {
  const auto room = room_of(place, folder);
  if (!room) return fail(room.error());
  return {};
}

Status has_room(const StorePlace& place, const std::string& folder) {
  constexpr std::uint64_t kShare = 100;  // one part of so many has to be free
  const auto room = room_of(place, folder);
  if (!room) return fail(room.error());
  const bool full = room->free_blocks == 0 || room->free_blocks < room->blocks / kShare;
  // Some file systems count no inodes.
  const bool no_inodes = room->inodes > 0 && room->free_inodes == 0;
  if (!full && !no_inodes) return {};
  return fail(Errc::Conflict,
              fmt::format("{} has no room: {} of {} blocks and {} of {} inodes free", folder,
                          room->free_blocks, room->blocks, room->free_inodes, room->inodes));
}

Result<StoreUsers> users_at(const StorePlace& place, const ProcessPattern& pattern,
                            const std::string& folder) {
  return place.far == nullptr ? users_here(place.tools.host, pattern, folder)
                              : users_far(place, pattern, folder);
}

}  // namespace fieldmedic
