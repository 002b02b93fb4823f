#include "remediator/notify/wecom_robot.hpp"

#include <mutex>
#include <utility>

#include "common/config_fields.hpp"
#include "common/secret.hpp"
#include "remediator/notify/sliding_window.hpp"
#include "remediator/notify/wecom_message.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kUrl = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send";
constexpr std::size_t kMessagesPerWindow = 18;
constexpr std::chrono::seconds kWindow{60};
constexpr std::size_t kMostKeyBytes = 128;

struct WecomConfig {
  std::string url;  // without the key
  Secret key;
  WecomFormat format = WecomFormat::Markdown;
  std::chrono::milliseconds timeout{0};
};

class WecomRobot final : public Notifier {
 public:
  WecomRobot(WecomConfig config, const NotifierTools& tools)
      : config_(std::move(config)), http_(tools.http), clock_(tools.clock) {}

  DeliveryAnswer deliver(core::MessageId, const core::Message& message,
                         std::stop_token stop) override {
    const auto bodies = wecom_bodies(message, config_.format);
    if (const auto wait = take(bodies.size()); wait.count() > 0)
      return {core::Delivery::Retry, wait, "this robot has had its messages of the minute"};
    // When a later part fails, all are sent again: told twice is better than told in half.
    DeliveryAnswer answer;
    for (const auto& body : bodies) {
      answer = wecom_answer(http_.send(request_of(body), stop), config_.key);
      if (answer.outcome != core::Delivery::Delivered) break;
    }
    return answer;
  }

 private:
  std::chrono::milliseconds take(std::size_t messages) {
    const std::lock_guard lock(mutex_);
    return window_.take(messages, clock_.steady());
  }

  [[nodiscard]] HttpRequest request_of(const std::string& body) const {
    const char separator = config_.url.find('?') == std::string::npos ? '?' : '&';
    HttpRequest request;
    request.method = "POST";
    request.url = config_.url + separator + "key=" + config_.key.reveal();
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body;
    request.timeout = config_.timeout;
    return request;
  }

  const WecomConfig config_;
  HttpClient& http_;
  const Clock& clock_;
  std::mutex mutex_;
  SlidingWindow window_{kMessagesPerWindow, kWindow};
};

// A UUID today; whatever it will be, it stands in a URL.
bool is_key(std::string_view text) {
  return text.size() <= kMostKeyBytes &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
             std::string_view::npos;
}

}  // namespace

std::unique_ptr<Notifier> read_wecom_robot(const YamlMap& map, const NotifierTools& tools) {
  using namespace std::chrono_literals;
  WecomConfig config;
  config.url = map.has("url") ? read_url(map, "url") : std::string(kUrl);
  config.format = map.one_of("format", {"markdown", "text"}, "markdown") == "text"
                      ? WecomFormat::Text
                      : WecomFormat::Markdown;
  config.timeout = read_bounded_duration(map, "timeout", 5s, {100ms, 60s});
  const std::string file = read_required_path(map, "key_file");
  map.done();
  if (file.empty() || config.url.empty()) return nullptr;
  auto key = read_secret_file(file);
  if (key && !is_key(key->reveal()))
    key =
        fail(Errc::Invalid, file + " does not hold a robot's key (the part of its URL after key=)");
  if (!key) {
    map.error("key_file", "'key_file': " + key.error().message);
    return nullptr;
  }
  config.key = *std::move(key);
  return std::make_unique<WecomRobot>(std::move(config), tools);
}

}  // namespace fieldmedic
