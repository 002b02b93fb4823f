#include "exporter/files/file_outcome.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

Error explain(int error) {
  switch (error) {
    case kNotRegular: return {Errc::Invalid, "no regular file"};
    case kTooMuch:
      return {Errc::TooLarge, fmt::format("more than {} MiB", kMostDigestBytes / 1024 / 1024)};
    case kBadRequest: return {Errc::Invalid, "the file helper does not understand the request"};
    default: return {code_of_errno(error), std::generic_category().message(error)};
  }
}

}  // namespace

std::string_view to_string(FileVerb verb) {
  switch (verb) {
    case FileVerb::Statfs: return "statfs";
    case FileVerb::Stat: return "stat";
    case FileVerb::Read: return "read";
    case FileVerb::Follow: return "follow";
    case FileVerb::Forget: return "forget";
    case FileVerb::Find: return "look into";
    case FileVerb::List: return "list";
    case FileVerb::Digest: return "digest";
    case FileVerb::SyncProbe: return "write and sync in";
  }
  return "invalid";
}

Errc code_of_errno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Errc::NotFound;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::Denied;
    case ENOSPC:
    case EDQUOT: return Errc::Full;
    case ENAMETOOLONG:
    case EINVAL: return Errc::Invalid;
    default: return Errc::Io;  // ETIMEDOUT of a network file system too: it did answer
  }
}

Result<FileAnswer> to_result(const FileRequest& request, FileOutcome outcome) {
  if (outcome.error == 0) return std::move(outcome.answer);
  return wrap(explain(outcome.error), fmt::format("{} {}", to_string(request.verb), request.path));
}

}  // namespace fieldmedic
