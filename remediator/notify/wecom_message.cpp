#include "remediator/notify/wecom_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/utf8_cut.hpp"
#include "remediator/notify/http_answer.hpp"
#include "remediator/notify/plain_text.hpp"
#include "remediator/notify/text_parts.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kTextLimit = 2048;  // bytes of the content, not of its JSON
constexpr std::size_t kMarkdownLimit = 4096;
constexpr std::size_t kTitleLimit = 512;

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// "<@userid>" mentions people, in text as in markdown; "<font" colours; "[a](b)" hides where a link
// goes. A full-width "<" looks the same and does nothing.
std::string harmless(std::string_view text) {
  return replace_all(replace_all(one_line(text), "<", "＜"), "](", "] (");
}

std::string_view colour_of(core::MessageKind kind) {
  switch (kind) {
    case core::MessageKind::Recovered: return "info";
    case core::MessageKind::Cancelled: return "comment";
    case core::MessageKind::HandedOver:
    case core::MessageKind::ApprovalWanted:
    case core::MessageKind::WideFault:
    case core::MessageKind::SelfAlert: return "warning";
  }
  return "comment";
}

// The title is short enough to stay whole in the first part.
std::string markdown_of(const core::Message& message) {
  const std::string title = harmless(message.title);
  std::string text = fmt::format("## <font color=\"{}\">{}</font>", colour_of(message.kind),
                                 cut_utf8(title, kTitleLimit));
  for (const auto& [name, value] : message.fields)
    text += fmt::format("\n**{}**: {}", harmless(name), harmless(value));
  return text;
}

std::string text_of(const core::Message& message) {
  return replace_all(plain_text(message), "<@", "＜@");
}

DeliveryAnswer answer_of_code(std::int64_t code, std::string detail) {
  using core::Delivery;
  switch (code) {
    case 0: return {Delivery::Delivered, {}, std::move(detail)};
    case -1:
      return {Delivery::Retry, {}, std::move(detail)};  // "system busy"
    // Asking again within the minute does not help and may prolong the block.
    case 45009: return {Delivery::Retry, std::chrono::seconds(60), std::move(detail)};
    case 45033: return {Delivery::Retry, std::chrono::seconds(5), std::move(detail)};
    default: return {Delivery::Refused, {}, std::move(detail)};
  }
}

}  // namespace

std::vector<std::string> wecom_bodies(const core::Message& message, WecomFormat format) {
  const bool is_text = format == WecomFormat::Text;
  const char* const type = is_text ? "text" : "markdown";
  std::vector<std::string> bodies;
  for (auto& part : split_text(is_text ? text_of(message) : markdown_of(message),
                               is_text ? kTextLimit : kMarkdownLimit)) {
    nlohmann::ordered_json body;
    body["msgtype"] = type;
    body[type]["content"] = std::move(part);
    bodies.push_back(body.dump());
  }
  return bodies;
}

DeliveryAnswer wecom_answer(const Result<HttpResponse>& response, const Secret& key) {
  if (auto failed = failed_exchange(response)) return *std::move(failed);
  const auto body = nlohmann::json::parse(response->body, nullptr, false);
  const auto code = body.is_object() ? body.find("errcode") : body.end();
  if (code == body.end() || !code->is_number_integer())
    return {core::Delivery::Retry,
            {},
            "an answer that is not WeCom's: it is not known whether it was delivered"};
  const auto text = body.find("errmsg");
  const std::string_view errmsg = text != body.end() && text->is_string()
                                      ? std::string_view(text->get_ref<const std::string&>())
                                      : std::string_view();
  const auto number = code->get<std::int64_t>();
  return answer_of_code(number, fmt::format("errcode {}: {}", number, foreign_detail(errmsg, key)));
}

}  // namespace fieldmedic
