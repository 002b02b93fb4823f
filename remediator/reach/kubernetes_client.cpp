#include "remediator/reach/kubernetes_client.hpp"

#include <utility>

#include <fmt/core.h>

#include "remediator/reach/kubernetes_status.hpp"
#include "remediator/reach/workload.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostAnswer = 4UL << 20;
constexpr std::chrono::milliseconds kRead{5'000};
// Who changed it, in the object's managedFields.
constexpr std::string_view kChange = "fieldManager=fieldmedic&fieldValidation=Strict";

std::string with_deadline(const std::string& path, std::chrono::milliseconds timeout) {
  return fmt::format("{}?{}&timeout={}ms", path, kChange, timeout.count());
}

// RFC 3986: only the unreserved characters stay.
std::string in_query(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool stays = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~").contains(c);
    text += stays ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace

KubernetesClient::KubernetesClient(KubernetesAccess access, HttpClient& http)
    : access_(std::move(access)), http_(http) {}

Result<Secret> KubernetesClient::token() const {
  if (access_.token_file.empty()) return access_.token;
  auto token = read_secret_file(access_.token_file);
  // Nothing was asked for yet.
  if (!token) return fail(Errc::Denied, std::move(token.error().message));
  return token;
}

Result<std::string> KubernetesClient::send(const Call& call, const std::stop_token& stop) const {
  const auto token = this->token();
  if (!token) return wrap(token.error(), call.asked);
  HttpRequest request;
  request.method = call.method;
  request.url = access_.server + call.path;
  request.headers.emplace_back("Accept", "application/json");
  if (!call.content_type.empty()) request.headers.emplace_back("Content-Type", call.content_type);
  request.body = call.body;
  if (!token->empty()) request.bearer_token = *token;
  request.tls = access_.tls;
  request.tls_material = access_.material;
  request.timeout = call.timeout;
  request.body_limit = kMostAnswer;
  auto answer = http_.send(request, stop);
  if (!answer) {
    // A server whose name has no address is away, which says nothing about the object.
    if (answer.error().code == Errc::NotFound) answer.error().code = Errc::Unavailable;
    return wrap(std::move(answer.error()), call.asked);
  }
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  Error refusal = explain_refusal(*answer, call.asked, *token);
  if (const auto budget = budget_that_forbids(*answer, *token))
    refusal.message =
        fmt::format("{}: its disruption budget forbids it now: {}", call.asked, *budget);
  return fail(std::move(refusal));
}

Result<std::string> KubernetesClient::get(const WorkloadName& name,
                                          const std::stop_token& stop) const {
  return get(name.path(), "get " + name.text(), stop);
}

Result<std::string> KubernetesClient::get(const std::string& path, std::string_view asked,
                                          const std::stop_token& stop) const {
  return send({.path = path, .asked = std::string(asked), .timeout = kRead}, stop);
}

Result<std::vector<std::string>> KubernetesClient::pod_uids(const std::string& name_space,
                                                            const std::string& selector,
                                                            const std::stop_token& stop) const {
  constexpr int kMostPages = 4;
  std::vector<std::string> uids;
  std::string next;
  for (int page = 0; page < kMostPages; ++page) {
    std::string path = fmt::format("/api/v1/namespaces/{}/pods?limit=500&labelSelector={}",
                                   name_space, in_query(selector));
    if (!next.empty()) path += "&continue=" + in_query(next);
    const auto body = get(path, "list pods in " + name_space, stop);
    if (!body) return fail(body.error());
    auto read = read_pod_page(*body);
    if (!read) return fail(read.error());
    uids.insert(uids.end(), read->uids.begin(), read->uids.end());
    next = std::move(read->next);
    if (next.empty()) return uids;
  }
  return fail(Errc::TooLarge, fmt::format("{} has too many pods to look at", name_space));
}

Result<std::string> KubernetesClient::patch(const WorkloadName& name, const std::string& body,
                                            std::chrono::milliseconds timeout,
                                            const std::stop_token& stop) const {
  return send({.method = "PATCH",
               .path = with_deadline(name.path(), timeout),
               .asked = "patch " + name.text(),
               .content_type = "application/strategic-merge-patch+json",
               .body = body,
               .timeout = timeout},
              stop);
}

Result<std::string> KubernetesClient::evict(const WorkloadName& pod, const std::string& body,
                                            std::chrono::milliseconds timeout,
                                            const std::stop_token& stop) const {
  return send({.method = "POST",
               .path = with_deadline(pod.path() + "/eviction", timeout),
               .asked = "evict " + pod.text(),
               .content_type = "application/json",
               .body = body,
               .timeout = timeout},
              stop);
}

std::shared_ptr<const KubernetesHosts> make_kubernetes_hosts(const Inventory& inventory,
                                                             HttpClient& http) {
  auto hosts = std::make_shared<KubernetesHosts>();
  for (const GroupSpec& group : inventory.groups)
    for (const HostSpec& host : group.hosts)
      if (host.kubernetes != nullptr)
        hosts->emplace(host.name, std::make_shared<const KubernetesClient>(*host.kubernetes, http));
  return hosts;
}

}  // namespace fieldmedic
