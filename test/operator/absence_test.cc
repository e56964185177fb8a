#include "operator/absence.h"

#include <gtest/gtest.h>

#include "operator/cluster_lookup.h"

namespace raycord {
namespace {

const LogId kOurs{{1}};
const LogId kOther{{2}};

LeaseRecord lease(std::uint64_t transitions, const LogId* marks) {
  LeaseRecord record;
  record.transitions = transitions;
  record.renewed = "2026-03-02T12:00:00.042000Z";
  if (marks != nullptr) record.annotations = witness_annotations(*marks, LogMark{7, {}});
  return record;
}

GapCause cause(const LeaseRecord& record, std::uint64_t epoch) {
  return absence_before(record, kOurs, epoch).cause;
}

TEST(Absence, IsARestartWhereTheLeaseCarriesOurMarksAndEpoch) {
  EXPECT_EQ(cause(lease(5, &kOurs), 5), GapCause::Restart);
  EXPECT_EQ(absence_before(lease(5, &kOurs), kOurs, 5).since, std::nullopt);
}

TEST(Absence, IsARestartWithoutALease) {
  EXPECT_EQ(absence_before(std::nullopt, kOurs, 5).cause, GapCause::Restart);
  EXPECT_EQ(cause(lease(0, nullptr), 0), GapCause::Restart);
}

TEST(Absence, IsARestartAfterARunThatDiedAsItTookTheLease) {
  EXPECT_EQ(cause(lease(6, &kOurs), 5), GapCause::Restart);
}

TEST(Absence, IsARestartWhereTheRunBeforeLedWithoutALease) {
  EXPECT_EQ(cause(lease(6, &kOurs), 0), GapCause::Restart);
}

TEST(Absence, IsAnotherLeadersWhereTheLeaseCarriesTheMarksOfAnotherLog) {
  const Absence absence = absence_before(lease(6, &kOther), kOurs, 5);
  EXPECT_EQ(absence.cause, GapCause::OtherLeader);
  EXPECT_EQ(absence.since, from_rfc3339("2026-03-02T12:00:00.042Z"));
}

TEST(Absence, IsAnotherLeadersWhereTheEpochIsNotTheLogs) {
  EXPECT_EQ(cause(lease(7, &kOurs), 5), GapCause::OtherLeader);
  EXPECT_EQ(cause(lease(6, nullptr), 5), GapCause::OtherLeader);
}

}  // namespace
}  // namespace raycord
