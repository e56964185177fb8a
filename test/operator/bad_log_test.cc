// Logs that cannot be used as they are: what operator and raycord say of them, and the way on.

#include <fstream>

#include "store/layout.h"
#include "store/rocks_columns.h"
#include "test/operator/process_fixture.h"

namespace raycord {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadLogTest : public ProcessTest {
 protected:
  // Ends with code 4 and says so.
  void expect_refused(const testing::Matcher<std::string>& said) {
    const auto process = start_operator();
    EXPECT_EQ(process->end(), code(ExitCode::LogRefused)) << process->lines();
    EXPECT_THAT(process->lines(), said);
  }

  static void flip_byte(const std::string& file, std::uint64_t at) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(at));
    const int byte = bytes.get();
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(static_cast<char>(byte ^ 1));
    ASSERT_TRUE(bytes.good());
  }

  // Opening moves what the write-ahead log has into table files.
  void make_tables() {
    lead_once();
    lead_once();
    ASSERT_FALSE(log_files(".sst").empty());
  }

  std::string lease_annotation(const std::string& name) {
    std::string path = "jsonpath={.metadata.annotations.raycord\\.io/" + name + "}";
    return kubectl({"get", "lease", "raycord-operator", "-o", path}).output;
  }
};

TEST_F(BadLogTest, OfANewerFormatIsRefused) {
  lead_once();
  {
    auto columns = RocksColumns::open({log(), nullptr}, false);
    ASSERT_TRUE(columns) << columns.error().message;
    ASSERT_TRUE((*columns)->put({{Column::Meta, std::string(kMetaFormat), "\x02"}},
                                RocksColumns::Sync::Yes));
  }
  expect_refused(AllOf(HasSubstr("has format 2"), HasSubstr("use the version that wrote it")));
}

TEST_F(BadLogTest, WithATornTableIsRefusedByItsDirectory) {
  make_tables();
  for (const std::string& file : log_files(".sst")) {
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  }
  expect_refused(AllOf(HasSubstr(log()), HasSubstr("restore the directory from a backup")));
  const ProgramEnd verify = raycord({"log", "verify"});
  EXPECT_NE(verify.exit_code, 0);
  EXPECT_THAT(verify.last_error_line, HasSubstr(log()));
}

TEST_F(BadLogTest, WithAFlippedByteInItsFramesIsRefused) {
  make_tables();
  for (const std::string& file : log_files(".sst")) flip_byte(file, 20);
  expect_refused(AllOf(HasSubstr(log()), HasSubstr("restore the directory from a backup")));
  const ProgramEnd verify = raycord({"log", "verify"});
  EXPECT_NE(verify.exit_code, 0);
}

TEST_F(BadLogTest, ThatEndsBeforeItsWitnessGoesOnOnceTheLossIsAccepted) {
  lead_once();
  const std::string synced = lease_annotation("log-synced");
  const std::string chain = lease_annotation("log-chain");
  ASSERT_FALSE(synced.empty());
  // RocksDB drops what follows the first bad record without a word.
  const std::string file = log_files(".log").at(0);
  std::uint64_t end = 0;
  {
    std::ifstream bytes(file, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(bytes), {}};
    end = all.find_last_not_of('\0');
  }
  flip_byte(file, end / 2);
  expect_refused(AllOf(HasSubstr("synced frames are missing"), HasSubstr("event " + synced),
                       HasSubstr("raycord log accept-loss")));

  const ProgramEnd accepted =
      raycord({"log", "accept-loss", "--witness", synced + ":" + chain, "--yes"});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.last_error_line;
  EXPECT_THAT(accepted.output, HasSubstr("event " + synced + " was known to be synced"));
  lead_once();
  EXPECT_GT(std::stoull(lease_annotation("log-synced")), std::stoull(synced))
      << "no number is used twice";
  EXPECT_EQ(raycord({"log", "verify"}).exit_code, 0);
  EXPECT_EQ(raycord({"replay"}).exit_code, 0);
  EXPECT_EQ(raycord({"log", "accept-loss", "--yes"}).exit_code, 2) << "nothing is lost any more";
}

TEST_F(BadLogTest, OfARunningOperatorAcceptsNoLoss) {
  const auto process = start_operator();
  ASSERT_TRUE(process->says("leadership gained")) << process->lines();
  const ProgramEnd end = raycord({"log", "accept-loss", "--yes"});
  EXPECT_EQ(end.exit_code, 2);
  EXPECT_THAT(end.last_error_line, HasSubstr("in use by another process"));
  EXPECT_EQ(process->stop(), 0);
}

}  // namespace
}  // namespace raycord
