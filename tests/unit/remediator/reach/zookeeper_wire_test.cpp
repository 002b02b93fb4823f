// What goes between the remediator and its ZooKeeper helper.
#include "remediator/reach/zookeeper_wire.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

using Verb = ZookeeperQuestion::Verb;
using Deed = ZookeeperOrder::Deed;

const std::string kBytes("\0\xff\xc3(\n\"", 6);  // no text

std::string body_of(const std::string& frame) {
  REQUIRE(frame.size() > kFrameHead);
  const auto size = frame_size(frame.substr(0, kFrameHead));
  REQUIRE(size);
  REQUIRE(*size == frame.size() - kFrameHead);
  return frame.substr(kFrameHead);
}

}  // namespace

TEST_CASE("zookeeper wire: a question arrives as it was asked") {
  const auto opened = decode_question(body_of(
      encode(ZookeeperQuestion{.number = 7,
                               .verb = Verb::Open,
                               .access = {{"10.0.0.5:2181", "[::1]:2181"}, "medic", "/etc/zk"},
                               .timeout = std::chrono::milliseconds(4'321)})));
  REQUIRE(opened);
  CHECK(opened->number == 7);
  CHECK(opened->verb == Verb::Open);
  CHECK(opened->access.servers == std::vector<std::string>{"10.0.0.5:2181", "[::1]:2181"});
  CHECK(opened->access.user == "medic");
  CHECK(opened->access.password_file == "/etc/zk");
  CHECK(opened->timeout == std::chrono::milliseconds(4'321));
  for (const Verb verb : {Verb::AskQuorum, Verb::Get, Verb::Children}) {
    const auto asked =
        decode_question(body_of(encode(ZookeeperQuestion{.verb = verb, .path = kBytes})));
    REQUIRE(asked);
    CHECK(asked->verb == verb);
    CHECK(asked->path == kBytes);
  }
  const auto ordered = decode_question(body_of(encode(ZookeeperQuestion{
      .verb = Verb::Order,
      .orders = {{Deed::Create, "/a", kBytes, 0, "/"}, {Deed::Delete, "/b", {}, -1, {}}}})));
  REQUIRE(ordered);
  REQUIRE(ordered->orders.size() == 2);
  CHECK(ordered->orders[0].deed == Deed::Create);
  CHECK(ordered->orders[0].data == kBytes);
  CHECK(ordered->orders[0].like == "/");
  CHECK(ordered->orders[1].deed == Deed::Delete);
  CHECK(ordered->orders[1].path == "/b");
  CHECK(ordered->orders[1].version == -1);
}

TEST_CASE("zookeeper wire: an answer arrives as it was given") {
  const auto given = decode_answer(body_of(
      encode(ZookeeperAnswer{.number = 3, .node = {kBytes, 4, -5, true}, .names = {"a", kBytes}})));
  REQUIRE(given);
  CHECK(given->number == 3);
  CHECK(given->done);
  CHECK(given->node.data == kBytes);
  CHECK(given->node.version == 4);
  CHECK(given->node.changed == -5);
  CHECK(given->node.of_session);
  CHECK(given->names == std::vector<std::string>{"a", kBytes});
  const auto refused = decode_answer(
      body_of(encode(ZookeeperAnswer{.number = 3, .done = fail(Errc::Denied, "no\nline")})));
  REQUIRE(refused);
  REQUIRE_FALSE(refused->done);
  CHECK(refused->done.error() == Error{Errc::Denied, "no line"});
}

TEST_CASE("zookeeper wire: more than a frame holds is told, not cut") {
  const ZookeeperAnswer much{.number = 3, .node = {std::string(kMostFrameBytes, 'x'), 0, 0, false}};
  const auto answer = decode_answer(body_of(encode(much)));
  REQUIRE(answer);
  CHECK(answer->number == 3);
  REQUIRE_FALSE(answer->done);
  CHECK(answer->done.error().code == Errc::TooLarge);
}

TEST_CASE("zookeeper wire: what is no message of ours is none") {
  const std::string node = R"("node":{"data":"","version":0,"changed":0,"of_session":false})";
  CHECK(decode_answer(R"({"number":1,)" + node + R"(,"names":[]})"));
  for (const std::string& body :
       {std::string(), std::string("y\ny\n"), std::string("[]"), std::string(R"({"number":1})"),
        R"({"number":1,)" + node + R"(,"names":["*"]})",
        R"({"number":1,)" + node + R"(,"names":[]} )" + "{", R"({"number":1,)" + node + "}",
        std::string(R"({"number":1,"error":{"code":11,"message":"x"}})"),
        std::string(R"({"number":1,"error":{"code":2}})"), std::string(1 << 20, '[')}) {
    INFO(body.substr(0, 100));
    const auto answer = decode_answer(body);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::Malformed);
  }
  CHECK_FALSE(decode_question(R"({"number":1,"verb":5,"orders":[]})"));
  CHECK_FALSE(decode_question(R"({"number":1,"verb":2,"path":"%"})"));
  using std::string_view_literals::operator""sv;
  for (const auto head : {"\0\0\0\0"sv, "\0\x40\0\1"sv, "y\ny\n"sv, "\0\0\1"sv})
    CHECK_FALSE(frame_size(head));
  CHECK(frame_size("\0\x40\0\0"sv) == kMostFrameBytes);
}

}  // namespace fieldmedic
