#include "common/secret.hpp"

#include <sys/stat.h>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("secret: the first line is the secret without its line end") {
  const TempTree tree({{"unix", "pass word\nnot this\n"}, {"dos", "pass\r\n"}, {"bare", "x"}});
  CHECK(read_secret_file(tree.root / "unix")->reveal() == "pass word");
  CHECK(read_secret_file(tree.root / "dos")->reveal() == "pass");
  CHECK(read_secret_file(tree.root / "bare")->reveal() == "x");
}

TEST_CASE("secret: a file that cannot give one is an error that names the file only") {
  const TempTree tree({{"empty", ""}, {"blank", "\nhidden\n"}});
  tree.write("large", std::string(64 * 1024 + 1, 's'));
  tree.write("largest", std::string(64 * 1024, 's'));
  const auto code = [&](const char* name) {
    const auto secret = read_secret_file(tree.root / name);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().message.starts_with((tree.root / name).string()));
    CHECK_FALSE(secret.error().message.contains("hidden"));
    return secret.error().code;
  };
  CHECK(code("missing") == Errc::NotFound);
  CHECK(code("empty") == Errc::Invalid);
  CHECK(code("blank") == Errc::Invalid);
  CHECK(code("large") == Errc::TooLarge);
  CHECK(code("") == Errc::Io);  // the folder itself
  REQUIRE(mkfifo((tree.root / "fifo").c_str(), 0600) == 0);
  CHECK(code("fifo") == Errc::Invalid);  // nobody writes to it, and nobody waits for one
  CHECK(read_secret_file(tree.root / "largest").has_value());
}
