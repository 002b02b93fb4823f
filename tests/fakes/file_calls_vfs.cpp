#include "tests/fakes/file_calls_vfs.hpp"

#include <new>

#include <sqlite3.h>

namespace fieldmedic {
namespace {

FileWatch* the_watch = nullptr;
sqlite3_vfs* the_own = nullptr;

// What SQLite keeps for an open file; its own part of it lies behind.
struct WatchedFile {
  sqlite3_file base;
  std::string* path;

  sqlite3_file* own() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile& watched(sqlite3_file* file) {
  return *reinterpret_cast<WatchedFile*>(file);
}

sqlite3_file* own(sqlite3_file* file) {
  return watched(file).own();
}

int ask(sqlite3_file* file, FileOp op, std::int64_t offset = 0, std::span<const char> bytes = {}) {
  return the_watch->before(
      {.op = op, .path = *watched(file).path, .offset = offset, .bytes = bytes});
}

int close_file(sqlite3_file* file) {
  const int code = own(file)->pMethods->xClose(own(file));
  delete watched(file).path;
  return code;
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  if (const int code = ask(file, FileOp::Read, offset); code != SQLITE_OK) return code;
  return own(file)->pMethods->xRead(own(file), to, size, offset);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const std::span bytes(static_cast<const char*>(from), static_cast<std::size_t>(size));
  if (const int code = ask(file, FileOp::Write, offset, bytes); code != SQLITE_OK) return code;
  return own(file)->pMethods->xWrite(own(file), from, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = ask(file, FileOp::Truncate, size); code != SQLITE_OK) return code;
  return own(file)->pMethods->xTruncate(own(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
  if (const int code = ask(file, FileOp::Sync); code != SQLITE_OK)
    return code == FileWatch::kClaimed ? SQLITE_OK : code;
  return own(file)->pMethods->xSync(own(file), flags);
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  if (const int code = ask(file, FileOp::Size); code != SQLITE_OK) return code;
  return own(file)->pMethods->xFileSize(own(file), size);
}

int lock_file(sqlite3_file* file, int level) {
  if (const int code = ask(file, FileOp::Lock); code != SQLITE_OK) return code;
  return own(file)->pMethods->xLock(own(file), level);
}

// Version 1: no shared memory and no mapped files, which the journal does without.
constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = [](sqlite3_file* file,
                  int level) { return own(file)->pMethods->xUnlock(own(file), level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* answer) {
          return own(file)->pMethods->xCheckReservedLock(own(file), answer);
        },
    .xFileControl =
        [](sqlite3_file* file, int what, void* argument) {
          return own(file)->pMethods->xFileControl(own(file), what, argument);
        },
    .xSectorSize = [](sqlite3_file* file) { return own(file)->pMethods->xSectorSize(own(file)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return own(file)->pMethods->xDeviceCharacteristics(own(file)); },
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* opened = new (file) WatchedFile{};
  const std::string_view name = path == nullptr ? "" : path;
  if (const int code = the_watch->before({.op = FileOp::Open,
                                          .path = name,
                                          .bytes = {},
                                          .creates = (flags & SQLITE_OPEN_CREATE) != 0});
      code != SQLITE_OK)
    return code;
  const int code = the_own->xOpen(the_own, path, opened->own(), flags, out_flags);
  if (opened->own()->pMethods == nullptr) return code;  // nothing of it needs to be closed
  opened->path = new std::string(name);
  opened->base.pMethods = &kMethods;
  return code;
}

int remove_file(sqlite3_vfs*, const char* path, int sync) {
  if (const int code = the_watch->before(
          {.op = FileOp::Remove, .path = path, .bytes = {}, .syncs_the_name = sync != 0});
      code != SQLITE_OK)
    return code;
  return the_own->xDelete(the_own, path, sync);
}

int access_file(sqlite3_vfs*, const char* path, int flags, int* answer) {
  if (const int code = the_watch->before({.op = FileOp::Access, .path = path, .bytes = {}});
      code != SQLITE_OK)
    return code;
  return the_own->xAccess(the_own, path, flags, answer);
}

}  // namespace

std::string_view to_string(FileOp op) {
  switch (op) {
    case FileOp::Open: return "open";
    case FileOp::Access: return "access";
    case FileOp::Remove: return "remove";
    case FileOp::Size: return "size";
    case FileOp::Read: return "read";
    case FileOp::Write: return "write";
    case FileOp::Truncate: return "truncate";
    case FileOp::Sync: return "sync";
    case FileOp::Lock: return "lock";
  }
  return "invalid";
}

FileCallsVfs::FileCallsVfs(FileWatch& watch)
    : own_(sqlite3_vfs_find(nullptr)), watched_(new sqlite3_vfs(*own_)) {
  the_watch = &watch;
  the_own = own_;
  watched_->pNext = nullptr;
  watched_->zName = "watched";
  watched_->szOsFile = static_cast<int>(sizeof(WatchedFile)) + own_->szOsFile;
  watched_->xOpen = open_file;
  watched_->xDelete = remove_file;
  watched_->xAccess = access_file;
  sqlite3_vfs_register(watched_, 1);
}

FileCallsVfs::~FileCallsVfs() {
  sqlite3_vfs_unregister(watched_);
  sqlite3_vfs_register(own_, 1);
  delete watched_;
}

}  // namespace fieldmedic
