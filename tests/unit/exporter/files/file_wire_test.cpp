#include "exporter/files/file_wire.hpp"

#include <cerrno>

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("file wire: a request comes over whole") {
  const NumberedRequest sent{.number = 7,
                             .request = {.verb = FileVerb::Find,
                                         .path = "/var/log",
                                         .offset = 1ULL << 40,
                                         .bytes = kMostReadBytes,
                                         .device = 0xfd00,
                                         .inode = 42}};
  const auto got = decode_request(encode(sent));
  REQUIRE(got);
  CHECK(got->number == 7);
  CHECK(got->request == sent.request);
}

TEST_CASE("file wire: an answer comes over whole") {
  const NumberedOutcome sent{
      .number = 9,
      .outcome = {.error = EIO,
                  .answer = {.space = {4096, 5, 4, 3, 2, 1, true},
                             .stat = {1, 2, 3, 4, WallTime(std::chrono::milliseconds(5)), true},
                             .took = std::chrono::nanoseconds(6),
                             .bytes = std::string("a\0b", 3)}}};
  const auto got = decode_outcome(encode(sent));
  REQUIRE(got);
  CHECK(got->number == 9);
  CHECK(got->outcome.error == EIO);
  CHECK(got->outcome.answer.space == sent.outcome.answer.space);
  CHECK(got->outcome.answer.stat == sent.outcome.answer.stat);
  CHECK(got->outcome.answer.took == sent.outcome.answer.took);
  CHECK(got->outcome.answer.bytes == sent.outcome.answer.bytes);
}

TEST_CASE("file wire: what is no message is refused") {
  const auto good = encode(NumberedRequest{.number = 1, .request = {.path = "/a"}});
  const auto with_path = [](std::string path) {
    return encode(NumberedRequest{.number = 1, .request = {.path = std::move(path)}});
  };
  auto unknown_verb = good;
  unknown_verb[good.size() - 2 - 4] = 99;
  CHECK(decode_request(good));
  CHECK_FALSE(decode_request(unknown_verb));
  CHECK_FALSE(decode_request(""));
  CHECK_FALSE(decode_request(std::string_view(good).substr(0, good.size() - 3)));
  CHECK_FALSE(decode_request(with_path("")));
  CHECK_FALSE(decode_request(with_path("relative")));
  CHECK_FALSE(decode_request(with_path(std::string("/a\0b", 4))));
  CHECK(decode_request(with_path("/" + std::string(kMostPathBytes - 1, 'x'))));
  CHECK_FALSE(decode_request(with_path("/" + std::string(kMostPathBytes, 'x'))));
  CHECK_FALSE(decode_outcome("short"));
  CHECK_FALSE(decode_outcome(std::string(kMostMessageBytes + 1, 'x')));
}

TEST_CASE("file wire: no more than one message holds is asked for") {
  CHECK(check({.verb = FileVerb::Read, .path = "/a", .bytes = kMostReadBytes}));
  CHECK_FALSE(check({.verb = FileVerb::Read, .path = "/a", .bytes = kMostReadBytes + 1}));
}
