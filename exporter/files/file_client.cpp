#include "exporter/files/file_client.hpp"

#include <utility>

namespace fieldmedic {

Result<FileAnswer> ask_file(FileClient& files, const FileRequest& request, SteadyTime deadline) {
  auto answers = files.ask({&request, 1}, deadline);
  if (answers.empty()) return fail(Errc::Unavailable, request.path + ": no answer");
  return std::move(answers.front());
}

}  // namespace fieldmedic
