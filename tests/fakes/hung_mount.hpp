// A file system that answers nobody: FUSE without a daemon that reads its requests.
#pragma once

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <sched.h>

namespace fieldmedic {

// Mounted for this process and its children only: nothing else on the machine hangs with it.
// Whoever waits for it is freed with an error by the destructor. Needs root and /dev/fuse.
class HungMount {
 public:
  explicit HungMount(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    requests_ = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (requests_ < 0 || unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return;
    }
    const auto options = "fd=" + std::to_string(requests_) + ",rootmode=40000,user_id=0,group_id=0";
    mounted_ = mount("hung", folder_.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
  }
  ~HungMount() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
    if (requests_ >= 0) close(requests_);
  }
  HungMount(const HungMount&) = delete;
  HungMount& operator=(const HungMount&) = delete;

  // False: not allowed here.
  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  int requests_ = -1;
  bool mounted_ = false;
};

}  // namespace fieldmedic
