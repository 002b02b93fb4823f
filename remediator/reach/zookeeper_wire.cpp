#include "remediator/reach/zookeeper_wire.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/base64.hpp"
#include "common/utf8_cut.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using Verb = ZookeeperQuestion::Verb;
using Deed = ZookeeperOrder::Deed;

constexpr std::size_t kLongestMessage = 4'096;  // bytes
constexpr int kDeepest = 4;                     // what lies deeper is dropped unread

// Reads the parts of one message; what JSON itself cannot give it throws for.
struct Parts {
  bool good = true;  // so far

  std::string bytes(const Json& json) {
    auto decoded = decode_base64(json.get_ref<const std::string&>());
    good = good && decoded;
    return std::move(decoded).value_or("");
  }
  std::vector<std::string> list(const Json& json) {
    std::vector<std::string> all;
    for (const Json& one : json) all.push_back(bytes(one));
    return all;
  }
  template <class Enum>
  Enum word(const Json& json, Enum last) {
    const auto value = json.get<std::uint64_t>();
    good = good && value <= static_cast<std::uint64_t>(last);
    return good ? static_cast<Enum>(value) : last;
  }
};

std::string framed(const std::string& body) {
  std::string frame;
  frame.reserve(kFrameHead + body.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    frame += static_cast<char>(body.size() >> shift & 0xFFU);
  return frame + body;
}

// All that was not encoded is ASCII, but for what people read.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const ZookeeperOrder& order) {
  return {{"deed", static_cast<int>(order.deed)},
          {"path", encode_base64(order.path)},
          {"data", encode_base64(order.data)},
          {"version", order.version},
          {"like", encode_base64(order.like)}};
}

ZookeeperOrder order_of(const Json& json, Parts& parts) {
  return {parts.word(json.at("deed"), Deed::Delete), parts.bytes(json.at("path")),
          parts.bytes(json.at("data")), json.at("version").get<std::int32_t>(),
          parts.bytes(json.at("like"))};
}

Json list_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(encode_base64(text));
  return list;
}

Json json_of(const ZookeeperAccess& access) {
  return {{"servers", list_of(access.servers)},
          {"user", encode_base64(access.user)},
          {"password_file", encode_base64(access.password_file)}};
}

ZookeeperAccess access_of(const Json& json, Parts& parts) {
  return {parts.list(json.at("servers")), parts.bytes(json.at("user")),
          parts.bytes(json.at("password_file"))};
}

Json json_of(const ZookeeperNode& node) {
  return {{"data", encode_base64(node.data)},
          {"version", node.version},
          {"changed", node.changed},
          {"of_session", node.of_session}};
}

ZookeeperNode node_of(const Json& json, Parts& parts) {
  return {parts.bytes(json.at("data")), json.at("version").get<std::int32_t>(),
          json.at("changed").get<std::int64_t>(), json.at("of_session").get<bool>()};
}

Json json_of(const Error& error) {
  return {{"code", static_cast<int>(error.code)},
          {"message", std::string(cut_utf8(error.message, kLongestMessage))}};
}

Error error_of(const Json& json, Parts& parts) {
  auto message = std::string(cut_utf8(json.at("message").get<std::string>(), kLongestMessage));
  std::ranges::replace_if(message, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return {parts.word(json.at("code"), Errc::Cancelled), std::move(message)};
}

template <class Read>
auto decode(std::string_view body, Read read)
    -> Result<decltype(read(Json(), std::declval<Parts&>()))> {
  const auto malformed = [&] {
    return fail(Errc::Malformed, fmt::format("no message of ours, of {} bytes", body.size()));
  };
  try {
    Parts parts;
    const auto is_flat = [](int depth, Json::parse_event_t, const Json&) {
      return depth <= kDeepest;
    };
    auto message = read(Json::parse(body, is_flat), parts);
    if (!parts.good) return malformed();
    return message;
  } catch (const Json::exception&) {
    return malformed();
  }
}

}  // namespace

std::string encode(const ZookeeperQuestion& question) {
  Json json{{"number", question.number}, {"verb", static_cast<int>(question.verb)}};
  switch (question.verb) {
    case Verb::Open:
      json["access"] = json_of(question.access);
      json["timeout_ms"] = question.timeout.count();
      break;
    case Verb::AskQuorum:
    case Verb::Get:
    case Verb::Children: json["path"] = encode_base64(question.path); break;
    case Verb::Order:
      json["orders"] = Json::array();
      for (const ZookeeperOrder& order : question.orders) json["orders"].push_back(json_of(order));
      break;
  }
  return framed(text_of(json));
}

std::string encode(const ZookeeperAnswer& answer) {
  Json json{{"number", answer.number}};
  if (answer.done) {
    json["node"] = json_of(answer.node);
    json["names"] = list_of(answer.names);
  } else {
    json["error"] = json_of(answer.done.error());
  }
  const std::string body = text_of(json);
  if (body.size() <= kMostFrameBytes) return framed(body);
  return encode(ZookeeperAnswer{
      .number = answer.number,
      .done = fail(Errc::TooLarge, "ZooKeeper: it answered more than is dealt with")});
}

Result<std::size_t> frame_size(std::string_view head) {
  std::size_t size = 0;
  for (const char byte : head) size = size << 8U | static_cast<unsigned char>(byte);
  if (head.size() != kFrameHead || size == 0 || size > kMostFrameBytes)
    return fail(Errc::Malformed, "no message of ours");
  return size;
}

Result<ZookeeperQuestion> decode_question(std::string_view body) {
  return decode(body, [](const Json& json, Parts& parts) {
    ZookeeperQuestion question{.number = json.at("number").get<std::uint64_t>(),
                               .verb = parts.word(json.at("verb"), Verb::Order)};
    switch (question.verb) {
      case Verb::Open:
        question.access = access_of(json.at("access"), parts);
        question.timeout = std::chrono::milliseconds(json.at("timeout_ms").get<std::int64_t>());
        break;
      case Verb::AskQuorum:
      case Verb::Get:
      case Verb::Children: question.path = parts.bytes(json.at("path")); break;
      case Verb::Order:
        for (const Json& order : json.at("orders"))
          question.orders.push_back(order_of(order, parts));
        break;
    }
    return question;
  });
}

Result<ZookeeperAnswer> decode_answer(std::string_view body) {
  return decode(body, [](const Json& json, Parts& parts) {
    ZookeeperAnswer answer{.number = json.at("number").get<std::uint64_t>()};
    if (const auto error = json.find("error"); error != json.end()) {
      answer.done = fail(error_of(*error, parts));
    } else {
      answer.node = node_of(json.at("node"), parts);
      answer.names = parts.list(json.at("names"));
    }
    return answer;
  });
}

}  // namespace fieldmedic
