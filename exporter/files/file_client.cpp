#include "exporter/files/file_client.hpp"

#include <utility>

namespace fieldmedic {
namespace {

class AskedLater final : public FileClient::Asked {
 public:
  AskedLater(FileClient& files, std::span<const FileRequest> requests)
      : files_(files), requests_(requests) {}
  [[nodiscard]] FileClient::Answers end(SteadyTime deadline) override {
    return files_.ask(requests_, deadline);
  }

 private:
  FileClient& files_;
  std::span<const FileRequest> requests_;
};

}  // namespace

std::unique_ptr<FileClient::Asked> FileClient::begin(std::span<const FileRequest> requests) {
  return std::make_unique<AskedLater>(*this, requests);
}

Result<FileAnswer> ask_file(FileClient& files, const FileRequest& request, SteadyTime deadline) {
  auto answers = files.ask({&request, 1}, deadline);
  if (answers.empty()) return fail(Errc::Unavailable, request.path + ": no answer");
  return std::move(answers.front());
}

}  // namespace fieldmedic
