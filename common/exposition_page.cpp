#include "common/exposition_page.hpp"

#include <string>
#include <utility>

#include "common/exposition.hpp"

namespace fieldmedic {

ServerResponse exposition_page(std::span<const prometheus::MetricFamily> families,
                               const ServerRequest& request) {
  const ExpositionFormat format = negotiate_format(request.header("Accept"));
  ServerResponse response;
  response.content_type = content_type(format);
  write_exposition(families, format, response.body);
  finish_exposition(format, response.body);
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
