#include "exporter/host/filesystem.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

// Answers every path alike, but what hangs.
class FakeStatfs final : public FileClient {
 public:
  [[nodiscard]] Answers ask(std::span<const FileRequest> requests, SteadyTime) override {
    asked.clear();
    Answers answers;
    for (const auto& request : requests) {
      asked.push_back(request.path);
      answers.push_back(answer(request.path));
    }
    return answers;
  }

  std::vector<std::string> asked;
  std::string hanging;
  bool broken = false;

 private:
  [[nodiscard]] Result<FileAnswer> answer(const std::string& path) const {
    if (broken) return fail(Errc::Unavailable, "no helper");
    if (path == hanging) return fail(Errc::Timeout, "hangs");
    return FileAnswer{.space = {4096, 100, 50, 40, 10, 5, false}};
  }
};

struct Host {
  Host() { module = make_filesystem_module(host_at(tree.root), {}, statfs); }
  TempTree tree{{{"proc/1/mounts",
                  "/dev/a / ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/b /data xfs rw 0 0\n"
                  "/dev/c /mnt/usb ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/d /ro ext4 ro 0 0\n"
                  "/dev/b /data xfs rw,nosuid 0 0\n"}}};
  std::shared_ptr<FakeStatfs> statfs = std::make_shared<FakeStatfs>();
  std::unique_ptr<Module> module;
};

std::map<std::string, std::string> labels(const char* device, const char* type, const char* place) {
  return {{"device", device}, {"fstype", type}, {"mountpoint", place}};
}

}  // namespace

TEST_CASE("filesystem: excluded places and types are never asked for and doubles asked once") {
  Host host;
  REQUIRE(host.module);
  REQUIRE(host.module->collect({}));
  const auto root = (host.tree.root / "root").native();
  CHECK(host.statfs->asked == std::vector<std::string>{root, root + "/data", root + "/ro"});
}

TEST_CASE("filesystem: blocks become bytes") {
  Host host;
  const auto families = host.module->collect({});
  REQUIRE(families);
  const auto data = labels("/dev/b", "xfs", "/data");
  CHECK(value_of(*families, "node_filesystem_size_bytes", data) == 409600);
  CHECK(value_of(*families, "node_filesystem_free_bytes", data) == 204800);
  CHECK(value_of(*families, "node_filesystem_avail_bytes", data) == 163840);
  CHECK(value_of(*families, "node_filesystem_files", data) == 10);
  CHECK(value_of(*families, "node_filesystem_files_free", data) == 5);
  CHECK(value_of(*families, "node_filesystem_readonly", data) == 0);
  CHECK(value_of(*families, "node_filesystem_readonly", labels("/dev/d", "ext4", "/ro")) == 1);
}

TEST_CASE("filesystem: one that hangs costs its own samples only and says so") {
  Host host;
  host.statfs->hanging = (host.tree.root / "root/data").native();
  const auto families = host.module->collect({});
  REQUIRE(families);
  const auto data = labels("/dev/b", "xfs", "/data");
  const auto other = labels("/dev/a", "ext4", "/");
  CHECK(value_of(*families, "node_filesystem_device_error", data) == 1);
  CHECK_FALSE(value_of(*families, "node_filesystem_size_bytes", data));
  CHECK(value_of(*families, "node_filesystem_device_error", other) == 0);
  CHECK(value_of(*families, "node_filesystem_size_bytes", other) == 409600);
}

TEST_CASE("filesystem: without any helper the module fails rather than every device") {
  Host host;
  host.statfs->broken = true;
  CHECK_FALSE(host.module->collect({}));
}

TEST_CASE("filesystem: a mount that comes is asked for in the next scrape") {
  Host host;
  REQUIRE(host.module->collect({}));
  host.tree.append("proc/1/mounts", "/dev/e /new ext4 rw 0 0\n");
  REQUIRE(host.module->collect({}));
  CHECK(host.statfs->asked.back() == (host.tree.root / "root/new").native());
}

TEST_CASE("filesystem: without the right to see process 1 our own mounts serve") {
  const TempTree tree{{{"proc/mounts", "/dev/a / ext4 rw 0 0\n"}}};
  const auto module =
      make_filesystem_module(host_at(tree.root), {}, std::make_shared<FakeStatfs>());
  REQUIRE(module);
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_filesystem_size_bytes", labels("/dev/a", "ext4", "/")) == 409600);
}

TEST_CASE("filesystem: places are seen through the root of the host") {
  CHECK(strip_rootfs("/", "/data") == "/data");
  CHECK(strip_rootfs("/host", "/host/data") == "/data");
  CHECK(strip_rootfs("/host", "/host") == "/");
  CHECK(strip_rootfs("/host", "/data") == "/data");
  CHECK(under_rootfs("/", "/data") == "/data");
  CHECK(under_rootfs("/host", "/data") == "/host/data");
  CHECK(under_rootfs("/host", "/") == "/host");
}
