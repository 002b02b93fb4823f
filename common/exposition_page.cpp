#include "common/exposition_page.hpp"

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include "common/exposition.hpp"

namespace fieldmedic {

ServerResponse exposition_page(std::span<const std::vector<prometheus::MetricFamily>> pages,
                               const ServerRequest& request) {
  static std::atomic<std::size_t> last_size = 0;  // the next page is about as long as this one
  const auto format = negotiate_format(request.header("Accept"));
  ServerResponse response;
  response.content_type = content_type(format);
  response.body.reserve(last_size + last_size / 8);
  for (const auto& families : pages) write_exposition(families, format, response.body);
  finish_exposition(format, response.body);
  last_size = response.body.size();
  if (accepts_gzip(request.header("Accept-Encoding"))) {
    if (auto packed = gzip(response.body)) {  // otherwise plain text is still an answer
      response.body = std::move(*packed);
      response.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
  return response;
}

}  // namespace fieldmedic
