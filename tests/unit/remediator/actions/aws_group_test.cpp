// Which Auto Scaling group scale_out changes: as read, as journaled.
#include "remediator/actions/aws_group.hpp"

#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

struct Read {
  core::Spec spec;
  std::string errors;
};

Read read(const std::string& inside, const std::string& beside = "max: 4") {
  ConfigErrors errors;
  const std::string yaml = "scale_out:\n  auto_scaling_group: {" + inside + "}\n  " + beside + "\n";
  const YamlMap map = parse_yaml("t.yml", yaml, errors);
  Read read{read_action(map), {}};
  map.done();
  read.errors = errors.text();
  return read;
}

struct Files {
  TempTree tree{{{"aws", "[default]\naws_access_key_id=A\naws_secret_access_key=s3cr3t\n"}}};
  std::string file = "credentials_file: " + (tree.root / "aws").string();
};

}  // namespace

TEST_CASE("scale_out of an Auto Scaling group: read, journaled without a secret, and back") {
  const Files files;
  const Read got = read("name: orders/a, region: cn-north-1, " + files.file +
                        ", endpoint: 'http://127.0.0.1:9'");
  CHECK(got.errors.empty());
  CHECK(got.spec.arguments ==
        R"({"auto_scaling_group":{"ca_file":"","credentials_file":")" +
            (files.tree.root / "aws").string() +
            R"(","endpoint":"http://127.0.0.1:9","name":"orders/a","profile":"default",)"
            R"("region":"cn-north-1"},"container":"","max":4,"step":1,"unit":""})");
}

TEST_CASE("scale_out of an Auto Scaling group: the role of the instance, and nothing else") {
  const Files files;
  const Read got = read("name: o, region: cn-north-1, instance_role: true");
  CHECK(got.errors.empty());
  CHECK_THAT(got.spec.arguments, Catch::Contains(R"("instance_role":true)"));
  const auto parsed = parse_aws_group(
      R"({"name":"o","region":"r","endpoint":"","ca_file":"","credentials_file":"",)"
      R"("profile":"default","instance_role":true})");
  REQUIRE(parsed);
  CHECK(parsed->access.credentials.metadata == "http://169.254.169.254");
  CHECK_THAT(read("name: o, region: r, instance_role: true, " + files.file).errors,
             Catch::Contains("'credentials_file' beside 'instance_role'"));
  CHECK_THAT(read("name: o, region: r, instance_role: true, profile: p").errors,
             Catch::Contains("'profile' beside 'instance_role'"));
}

TEST_CASE("scale_out of an Auto Scaling group: what is wrong is told with its place") {
  const Files files;
  const std::string good = "name: o, region: eu-west-1, " + files.file;
  const std::pair<std::string, const char*> cases[] = {
      {"name: o, " + files.file, "t.yml:2:23: 'region' is missing"},
      {"region: r, " + files.file, "'name' is missing"},
      {"name: 'a:b', region: r, " + files.file, "t.yml:2:30: 'name' wants"},
      {"name: o, region: EU, " + files.file, "'region' wants"},
      {"name: o, region: a/b, " + files.file, "'region' wants"},
      {good + ", endpoint: 'http://aws.example'", "wants https://"},
      {good + ", endpoint: 'https://aws.example/x'", "without a path"},
      {good + ", endpoint: 'ftp://aws.example'", "'endpoint'"},
      {good + ", profile: other", "profile 'other'"},
      {good + ", role: x", "unknown key 'role'"},
      {"name: o, region: r, credentials_file: aws", "credentials_file"},
      {"name: o, region: r, credentials_file: /none/aws", "/none/aws"},
      {good + ", ca_file: /none/ca.pem", "/none/ca.pem"},
  };
  for (const auto& [inside, why] : cases) {
    INFO(inside);
    const Read got = read(inside);
    INFO(got.errors);
    CHECK_THAT(got.errors, Catch::Contains(why));
    CHECK_THAT(got.errors, !Catch::Contains("s3cr3t"));
  }
  // Once.
  CHECK(read("name: [o], region: r, " + files.file).errors ==
        "t.yml:2:30: 'name' wants text, got a list");
  CHECK(read("name: o, region: {}, " + files.file).errors ==
        "t.yml:2:41: 'region' wants text, got a mapping");
  CHECK_THAT(read(good, "max: 4\n  unit: orders@.service").errors, Catch::Contains("wants one of"));
}

TEST_CASE("scale_out: how many there may be at the most") {
  const Files files;
  const std::string group = "name: o, region: r, " + files.file;
  CHECK(read(group, "max: 1000").errors.empty());
  CHECK_THAT(read(group, "max: 1001").errors, Catch::Contains("'max'"));
  CHECK_THAT(read(group, "max: 40\n  step: 33").errors, Catch::Contains("'step'"));
  const auto instances = [](const std::string& yaml) {
    ConfigErrors errors;
    const YamlMap map = parse_yaml("t.yml", "scale_out: {" + yaml + "}\n", errors);
    static_cast<void>(read_action(map));
    map.done();
    return errors.text();
  };
  CHECK(instances("unit: o@.service, max: 32").empty());
  CHECK_THAT(instances("unit: o@.service, max: 33"), Catch::Contains("'max'"));
  CHECK_THAT(instances("container: o, max: 33"), Catch::Contains("'max'"));
  CHECK(instances("kubernetes: {name: o, namespace: n}, max: 1000").empty());
}

TEST_CASE("scale_out of an Auto Scaling group: a journaled one is checked again") {
  CHECK(parse_aws_group(R"({"name":"o","region":"r","endpoint":"","ca_file":"",)"
                        R"("credentials_file":"","profile":"default"})"));
  for (const char* json : {"{}", "[]", "x",
                           R"({"name":"o","region":"a.b/","endpoint":"","ca_file":"",)"
                           R"("credentials_file":"","profile":"default"})"})
    CHECK(parse_aws_group(json).error().code == Errc::Invalid);
}

}  // namespace fieldmedic
