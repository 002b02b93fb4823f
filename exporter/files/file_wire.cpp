#include "exporter/files/file_wire.hpp"

#include <cstring>
#include <type_traits>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

// Without gaps, so that no byte goes out that was never set. The path, or the answer's bytes,
// follows.
struct RequestHead {
  std::uint64_t number = 0;
  std::uint64_t offset = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t bytes = 0;
  std::uint32_t verb = 0;
};
static_assert(std::has_unique_object_representations_v<RequestHead>);

struct OutcomeHead {
  std::uint64_t number = 0;
  std::int64_t took_ns = 0;
  std::uint64_t block_size = 0;
  std::uint64_t blocks = 0;
  std::uint64_t free_blocks = 0;
  std::uint64_t available_blocks = 0;
  std::uint64_t files = 0;
  std::uint64_t free_files = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t links = 0;
  std::int64_t modified_ms = 0;
  std::int32_t error = 0;
  std::uint16_t read_only = 0;
  std::uint16_t regular = 0;
};
static_assert(std::has_unique_object_representations_v<OutcomeHead>);

template <class Head>
std::string join(const Head& head, std::string_view tail) {
  std::string message(sizeof head + tail.size(), '\0');
  std::memcpy(message.data(), &head, sizeof head);
  std::memcpy(message.data() + sizeof head, tail.data(), tail.size());
  return message;
}

template <class Head>
Result<Head> take_head(std::string_view& message) {
  Head head;
  if (message.size() < sizeof head || message.size() > kMostMessageBytes) {
    return fail(Errc::Malformed, fmt::format("a message of {} bytes", message.size()));
  }
  std::memcpy(&head, message.data(), sizeof head);
  message.remove_prefix(sizeof head);
  return head;
}

}  // namespace

Status check(const FileRequest& request) {
  const auto& path = request.path;
  if (!path.starts_with('/') || path.size() > kMostPathBytes || path.find('\0') != path.npos) {
    return fail(Errc::Invalid, "a file is asked for by an absolute path of at most 4095 bytes");
  }
  if (request.bytes > kMostReadBytes) {
    return fail(Errc::Invalid, fmt::format("{}: {} bytes in one read", path, request.bytes));
  }
  return {};
}

std::string encode(const NumberedRequest& numbered) {
  const auto& request = numbered.request;
  return join(RequestHead{.number = numbered.number,
                          .offset = request.offset,
                          .device = request.device,
                          .inode = request.inode,
                          .bytes = request.bytes,
                          .verb = static_cast<std::uint32_t>(request.verb)},
              request.path);
}

std::string encode(const NumberedOutcome& numbered) {
  const auto& [space, stat, took, bytes] = numbered.outcome.answer;
  return join(OutcomeHead{.number = numbered.number,
                          .took_ns = took.count(),
                          .block_size = space.block_size,
                          .blocks = space.blocks,
                          .free_blocks = space.free_blocks,
                          .available_blocks = space.available_blocks,
                          .files = space.files,
                          .free_files = space.free_files,
                          .device = stat.device,
                          .inode = stat.inode,
                          .size = stat.size,
                          .links = stat.links,
                          .modified_ms = stat.modified.time_since_epoch().count(),
                          .error = numbered.outcome.error,
                          .read_only = space.read_only,
                          .regular = stat.regular},
              bytes);
}

Result<NumberedRequest> decode_request(std::string_view message) {
  const auto head = take_head<RequestHead>(message);
  if (!head) return fail(head.error());
  if (head->verb > static_cast<std::uint32_t>(FileVerb::SyncProbe)) {
    return fail(Errc::Malformed, fmt::format("verb {}", head->verb));
  }
  NumberedRequest numbered{.number = head->number,
                           .request = {.verb = static_cast<FileVerb>(head->verb),
                                       .path = std::string(message),
                                       .offset = head->offset,
                                       .bytes = head->bytes,
                                       .device = head->device,
                                       .inode = head->inode}};
  if (auto good = check(numbered.request); !good) {
    return fail(Errc::Malformed, std::move(good.error().message));
  }
  return numbered;
}

Result<NumberedOutcome> decode_outcome(std::string_view message) {
  const auto head = take_head<OutcomeHead>(message);
  if (!head) return fail(head.error());
  NumberedOutcome numbered{.number = head->number, .outcome = {}};
  auto& [error, answer] = numbered.outcome;
  error = head->error;
  answer.space = {.block_size = head->block_size,
                  .blocks = head->blocks,
                  .free_blocks = head->free_blocks,
                  .available_blocks = head->available_blocks,
                  .files = head->files,
                  .free_files = head->free_files,
                  .read_only = head->read_only != 0};
  answer.stat = {.device = head->device,
                 .inode = head->inode,
                 .size = head->size,
                 .links = head->links,
                 .modified = WallTime(std::chrono::milliseconds(head->modified_ms)),
                 .regular = head->regular != 0};
  answer.took = std::chrono::nanoseconds(head->took_ns);
  answer.bytes = message;
  return numbered;
}

}  // namespace fieldmedic
