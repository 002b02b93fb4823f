#include "common/named_target.hpp"

#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

namespace fieldmedic {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

Result<NamedTarget> name_target(const std::string& url, const std::string& name) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return fail(Errc::Invalid, "not a URL");
  }
  const std::string host = part(parsed.get(), CURLUPART_HOST);
  const std::string port = part(parsed.get(), CURLUPART_PORT);
  NamedTarget target;
  target.host = port.empty() ? host : fmt::format("{}:{}", host, port);
  target.connect_to =
      fmt::format("::{}:{}", host, part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
  if (curl_url_set(parsed.get(), CURLUPART_HOST, name.c_str(), 0) != CURLUE_OK) {
    return fail(Errc::Invalid, "the server's name is no host name");
  }
  target.url = part(parsed.get(), CURLUPART_URL);
  return target;
}

}  // namespace fieldmedic
