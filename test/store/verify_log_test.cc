#include "store/verify_log.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/layout.h"
#include "store/memory_event_log.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

using testing::HasSubstr;

class Verify : public testing::Test {
 protected:
  void SetUp() override {
    append_samples(log_, 40);
    FrameToAppend named = sample_frame(log_.next_seq());
    named.new_names = {{3, "a later name"}};
    log_.append(named);
    append_samples(log_, 5);
    frames_ = frames_of(log_.reader());
  }

  std::string verdict(const VerifyOptions& options = {}) {
    Result<Verified> verified = verify_log(log_.columns(), options);
    return verified ? describe(*verified) : "unreadable: " + verified.error().message;
  }

  std::string& value_of(Column column, const std::string& key) {
    changed_ = {column, key, **log_.columns().get(column, key)};
    return changed_.value;
  }
  void put_back() { log_.columns().put({changed_}); }

  // Frame `i` ends here, so damage in the next one is reported behind it.
  std::string damaged_after(std::size_t i) {
    return "damaged after event " + std::to_string(frames_[i].last_seq()) + ": ";
  }

  MemoryEventLog log_;
  std::vector<StoredFrame> frames_;
  Cell changed_;
};

TEST_F(Verify, FindsEveryFlippedBitAtItsFrame) {
  const std::string key = frame_key(frames_[17].first_seq);
  const std::string good = **log_.columns().get(Column::Frames, key);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string& value = value_of(Column::Frames, key);
    value[bit / 8] = static_cast<char>(value[bit / 8] ^ (1 << bit % 8));
    put_back();
    EXPECT_THAT(verdict(), HasSubstr(damaged_after(16))) << "bit " << bit;
    log_.columns().put({{Column::Frames, key, good}});
  }
  EXPECT_THAT(verdict(), HasSubstr("intact: 46 frames"));
}

TEST_F(Verify, FindsAMissingFrame) {
  log_.columns().remove(Column::Frames, frame_key(frames_[20].first_seq));
  EXPECT_THAT(verdict(), HasSubstr(damaged_after(19) + "frames are missing or out of order"));
}

TEST_F(Verify, FindsAMissingFirstFrame) {
  log_.columns().remove(Column::Frames, frame_key(1));
  EXPECT_THAT(verdict(), HasSubstr("damaged after event 0: frames are missing"));
}

TEST_F(Verify, FindsAMissingEnd) {
  log_.columns().remove(Column::Frames, frame_key(frames_.back().first_seq));
  EXPECT_THAT(verdict(), HasSubstr(damaged_after(44) + "the log ends at event"));
}

TEST_F(Verify, FindsARewrittenFrameWithAGoodChecksum) {
  const StoredFrame& frame = frames_[9];
  log_.columns().put(
      {{Column::Frames, frame_key(frame.first_seq),
        encode_frame({frame.first_seq, frame.count, "another story"}, frame.chain)}});
  EXPECT_THAT(verdict(), HasSubstr(damaged_after(8)));
  EXPECT_THAT(verdict(), HasSubstr("running hash"));
}

TEST_F(Verify, FindsNamesThatAreChangedMissingOrTooMany) {
  value_of(Column::Meta, name_key(2)).back() ^= 1;
  put_back();
  EXPECT_THAT(verdict(), HasSubstr("damaged after event 0: the frame at event 1"));
  value_of(Column::Meta, name_key(2)).back() ^= 1;
  put_back();

  log_.columns().put({{Column::Meta, name_key(4), encode_name(2, "nobody gave it")}});
  EXPECT_THAT(verdict(), HasSubstr("damaged after event"));
  log_.columns().remove(Column::Meta, name_key(4));
  EXPECT_THAT(verdict(), HasSubstr("intact"));

  log_.columns().remove(Column::Meta, name_key(2));
  EXPECT_THAT(verdict(), HasSubstr("name 2 is missing"));
}

TEST_F(Verify, FindsAMissingLastName) {
  log_.columns().remove(Column::Meta, name_key(3));
  EXPECT_THAT(verdict(), HasSubstr(damaged_after(39)));
}

TEST_F(Verify, FindsIndexEntriesThatLeadNowhere) {
  log_.columns().put({{Column::Index, index_key(2, frames_[8].first_seq + 1), ""}});
  if (frames_[8].count == 1) GTEST_FAIL() << "the fixture changed: frame 8 must have two events";
  EXPECT_THAT(verdict(), HasSubstr("where no frame begins"));
}

TEST_F(Verify, ComparesTheIndexWithWhatFramesTouched) {
  VerifyOptions options;
  options.touched = [](const StoredFrame& frame) {
    return std::vector<std::uint32_t>{static_cast<std::uint32_t>(1 + frame.first_seq % 2)};
  };
  const std::uint64_t named = frames_[40].first_seq;
  const auto number = static_cast<std::uint32_t>(1 + named % 2);
  EXPECT_THAT(verdict(options), HasSubstr("the index misses number " + std::to_string(number)));
  log_.columns().put({{Column::Index, index_key(number, named), ""}});
  EXPECT_THAT(verdict(options), HasSubstr("intact"));
  log_.columns().put({{Column::Index, index_key(3, named), ""}});
  EXPECT_THAT(verdict(options), HasSubstr("the index has 47 entries, the frames touch 46"));
}

TEST_F(Verify, AFrameOfANewerFormatIsNamed) {
  value_of(Column::Frames, frame_key(frames_[3].first_seq))[0] = 9;
  put_back();
  EXPECT_THAT(verdict(), HasSubstr("a newer raycord"));
}

TEST_F(Verify, TellsItsProgressAndStopsWhenAsked) {
  append_samples(log_, 3000);
  std::vector<std::uint64_t> told;
  VerifyOptions options;
  options.progress = [&](std::uint64_t seq, std::uint64_t last) {
    EXPECT_EQ(last, log_.synced());
    told.push_back(seq);
    return told.size() < 3;
  };
  EXPECT_THAT(verdict(options), HasSubstr("stopped early, intact so far: 1536 frames"));
  EXPECT_EQ(told.size(), 3u);
}

TEST(VerifyLog, WithoutALogIsAnError) {
  MemoryColumns nothing;
  EXPECT_FALSE(verify_log(nothing));
}

}  // namespace
}  // namespace raycord
