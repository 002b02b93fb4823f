#include "common/http_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>

#include "common/named_target.hpp"
#include "common/tls_trouble.hpp"
#include "common/version.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxIdle = 4;  // each keeps its own connections
constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using StringList = std::unique_ptr<curl_slist, FreeList>;

// What the callbacks of one transfer work on.
struct Transfer {
  HttpResponse response;
  std::size_t body_limit = 0;
  std::size_t header_bytes = 0;
  std::stop_token stop;
  bool too_large = false;
  std::array<char, CURL_ERROR_SIZE> said{};  // curl's long message: looked into, never shown
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.too_large = size > transfer.body_limit - transfer.response.body.size();
  if (transfer.too_large) return CURL_WRITEFUNC_ERROR;
  transfer.response.body.append(data, size);
  return size;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size);
  transfer.header_bytes += size;
  transfer.too_large = transfer.header_bytes > kMaxHeaderBytes;
  if (transfer.too_large) return CURL_WRITEFUNC_ERROR;
  auto& headers = transfer.response.headers;
  if (line.starts_with("HTTP/")) headers.clear();  // what came before was a 100
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  headers.emplace_back(std::move(name), trim(line.substr(colon + 1)));
  return size;
}

// libcurl asks at least once a second, also while nothing moves.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

Status validate(const HttpRequest& request) {
  const auto breaks_line = [](const std::string& text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
  };
  const bool bad_header = std::ranges::any_of(request.headers, [&](const auto& header) {
    return header.first.empty() || header.first.contains(':') || breaks_line(header.first) ||
           breaks_line(header.second);
  });
  if (bad_header) return fail(Errc::Invalid, "a request header holds a line break");
  if (breaks_line(request.url) || breaks_line(request.method) || request.method.empty()) {
    return fail(Errc::Invalid, "the method or URL holds a line break");
  }
  return {};
}

void append(StringList& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    (void)list.release();
    list.reset(longer);
  }
}

StringList make_headers(const HttpRequest& request, const NamedTarget& target) {
  StringList list;
  append(list, "Expect:");  // no second of waiting for a 100
  if (!target.host.empty()) append(list, "Host: " + target.host);
  for (const auto& [name, value] : request.headers) {
    append(list, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  return list;
}

// The URL as it is, unless the server is known by another name than the URL's.
Result<NamedTarget> target_of(const HttpRequest& request) {
  if (!request.tls.server_name.empty()) return name_target(request.url, request.tls.server_name);
  return NamedTarget{.url = request.url, .connect_to = {}, .host = {}};
}

void set_method(CURL* easy, const HttpRequest& request) {
  if (request.method == "GET") return;
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  if (request.method != "POST") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  // curl repeats a request by itself when a kept connection turns out to be closed, and cannot know
  // whether the first was served: what has an effect goes over a new connection, once.
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
}

void set_credentials(CURL* easy, const HttpRequest& request) {
  if (request.basic_auth) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, request.basic_auth->username.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, request.basic_auth->password.reveal().c_str());
  } else if (request.bearer_token) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, request.bearer_token->reveal().c_str());
  }
}

void set_transfer(CURL* easy, const HttpRequest& request, Transfer& transfer) {
  const auto timeout = std::max(request.timeout, std::chrono::milliseconds(1));  // 0 is for ever
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  // A request is mostly one write then. HTTP/2 writes more before it reads, and by the second the
  // refusal of our certificate, which the server sent as it closed, is lost.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, fmt::format("fieldmedic/{}", kVersion).c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.said.data());
}

void set_blob(CURL* easy, CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_COPY};  // only read
  curl_easy_setopt(easy, option, &blob);
}

void set_tls(CURL* easy, const TlsClientConfig& tls, const TlsMaterial& material) {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (tls.verify == TlsClientConfig::Verify::Nobody) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  // Beside the authority that is named the system's folder of them would be believed too.
  if (!tls.ca_file.empty() || !material.ca.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  if (!tls.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.cert_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.cert_file.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.key_file.c_str());
  }
  set_blob(easy, CURLOPT_CAINFO_BLOB, material.ca);
  set_blob(easy, CURLOPT_SSLCERT_BLOB, material.certificate);
  set_blob(easy, CURLOPT_SSLKEY_BLOB, material.key.reveal());
}

// The other side refused or is not there. Any other errno of connect(2) or socket(2) is ours: out
// of descriptors, no route, no such address family.
bool nobody_there(CURL* easy) {
  constexpr std::array<long, 4> kTheirs{ECONNREFUSED, ECONNRESET, ETIMEDOUT, EHOSTUNREACH};
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  return std::ranges::find(kTheirs, number) != kTheirs.end();
}

// 0 until that point of the exchange.
curl_off_t microseconds_to(CURL* easy, CURLINFO point) {
  curl_off_t time = 0;
  curl_easy_getinfo(easy, point, &time);
  return time;
}

// Empty when it was not TLS that failed.
std::string tls_reason(CURL* easy, CURLcode code, const HttpRequest& request,
                       const Transfer& transfer) {
  if (!request.url.starts_with("https:")) return {};
  TlsTrouble trouble{.said = transfer.said.data()};
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    trouble.server = TlsTrouble::Server::NotBelieved;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &trouble.verified);
  }
  return explain_tls(trouble, request.tls);
}

// Why a server may have closed without a word: in a hurry its refusal is lost, or it sends none.
std::string_view guess_at_close(CURLcode code, const HttpRequest& request) {
  const bool tls = request.url.starts_with("https:");
  if (code == CURLE_SEND_ERROR && tls)
    return ": it closed, as a server does that wants a certificate of us or does not believe the "
           "one in cert_file";
  if (code == CURLE_GOT_NOTHING && !tls && request.unix_socket.empty())
    return "; if it speaks TLS, the URL wants https";
  return "";
}

// curl's own long message may quote the URL, so only its short one is used.
std::unexpected<Error> explain(CURL* easy, CURLcode code, const HttpRequest& request,
                               const Transfer& transfer) {
  const auto said = [&](Errc kind, std::string_view what) {
    return fail(kind, fmt::format("{}: {}", redact_url(request.url), what));
  };
  const char* const reason = curl_easy_strerror(code);
  if (transfer.too_large) {
    return said(Errc::TooLarge, fmt::format("the answer is over {} bytes", transfer.body_limit));
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return said(Errc::Cancelled, "told to stop");
  const bool was_sent = microseconds_to(easy, CURLINFO_PRETRANSFER_TIME_T) != 0;
  if (code == CURLE_OPERATION_TIMEDOUT) {
    if (!was_sent && microseconds_to(easy, CURLINFO_NAMELOOKUP_TIME_T) == 0)
      return said(Errc::Io,
                  fmt::format("its name was not resolved in {} ms", request.timeout.count()));
    return said(Errc::Timeout, fmt::format("no answer in {} ms", request.timeout.count()));
  }
  if (const auto tls = tls_reason(easy, code, request, transfer); !tls.empty())
    return said(Errc::Io, tls);
  // Before it was sent it is the protocol of the URL, after it that of the answer.
  if (code == CURLE_URL_MALFORMAT || (code == CURLE_UNSUPPORTED_PROTOCOL && !was_sent)) {
    return said(Errc::Invalid, reason);
  }
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY) {
    return said(Errc::Malformed, "the answer is not HTTP");
  }
  if (code == CURLE_COULDNT_RESOLVE_HOST) return said(Errc::NotFound, reason);
  if (code == CURLE_COULDNT_CONNECT && nobody_there(easy)) return said(Errc::Unavailable, reason);
  const bool cut = code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
                   code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE;
  if (was_sent && cut)
    return said(Errc::Timeout, fmt::format("{} before a complete answer{}", reason,
                                           guess_at_close(code, request)));
  return said(Errc::Io, fmt::format("{}{}", reason, guess_at_close(code, request)));
}

}  // namespace

struct CurlHttpClient::Pool {
  std::mutex mutex;
  std::vector<CURL*> idle;

  CURL* take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return curl_easy_init();
    CURL* easy = idle.back();
    idle.pop_back();
    return easy;
  }

  void give_back(CURL* easy) {
    curl_easy_reset(easy);  // forgets every option and secret, keeps the connections
    const std::lock_guard lock(mutex);
    if (idle.size() < kMaxIdle) {
      idle.push_back(easy);
    } else {
      curl_easy_cleanup(easy);
    }
  }
};

CurlHttpClient::CurlHttpClient() : pool_(new Pool) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialized;  // curl_easy_init answers null if it failed
}

CurlHttpClient::~CurlHttpClient() {
  for (CURL* easy : pool_->idle) curl_easy_cleanup(easy);
  delete pool_;
}

Result<HttpResponse> CurlHttpClient::send(const HttpRequest& request, std::stop_token stop) {
  if (const Status valid = validate(request); !valid) {
    return wrap(valid.error(), redact_url(request.url));
  }
  const auto target = target_of(request);
  if (!target) return wrap(target.error(), redact_url(request.url));
  CURL* const easy = pool_->take();
  if (easy == nullptr) return fail(Errc::Io, "curl cannot be initialised");
  Transfer transfer;
  transfer.body_limit = request.body_limit;
  transfer.stop = std::move(stop);
  const StringList headers = make_headers(request, *target);
  StringList connect_to;
  if (!target->connect_to.empty()) append(connect_to, target->connect_to);
  if (!request.unix_socket.empty())
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  curl_easy_setopt(easy, CURLOPT_URL, target->url.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to.get());
  set_transfer(easy, request, transfer);
  set_tls(easy, request.tls, request.tls_material);
  set_method(easy, request);
  set_credentials(easy, request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(easy);
  Result<HttpResponse> result;
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    result = std::move(transfer.response);
  } else {
    result = explain(easy, code, request, transfer);
  }
  pool_->give_back(easy);
  return result;
}

}  // namespace fieldmedic
