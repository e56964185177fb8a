#include "replay/rule_sentences.h"

namespace raycord {
namespace {

struct Sentence {
  Rule rule;
  const char* text;
};

constexpr Sentence kSentences[] = {
    {Rule::AddFinalizer, "A RayService gets our finalizer before anything else is made for it."},
    {Rule::StartFirstCluster, "A RayService without an active cluster gets one."},
    {Rule::SendServeConfig,
     "A cluster whose dashboard does not show the Serve config asked for is sent it."},
    {Rule::StartUpgrade,
     "The cluster spec was changed, so a new cluster is made beside the active one."},
    {Rule::AppendWorkerGroups,
     "Worker groups that were only appended to the spec are appended to the cluster."},
    {Rule::CancelUpgrade,
     "The spec went back to what the active cluster is, so the pending one is deleted."},
    {Rule::ReplacePending,
     "The spec was changed again, so the pending cluster made for the old one is deleted."},
    {Rule::DropIllPending,
     "A pending cluster that is ill, or not ready in time, is deleted and counted."},
    {Rule::CreateHeadService,
     "The RayService's head Service is made once a cluster runs as asked."},
    {Rule::CreateServeService,
     "The RayService's serve Service is made once a cluster runs as asked."},
    {Rule::SwitchHeadService,
     "The head Service is pointed to the cluster that takes over, before the serve Service."},
    {Rule::SwitchServeService,
     "The serve Service is pointed to the cluster that takes over: traffic moves."},
    {Rule::MarkDrain,
     "Traffic has arrived at the new cluster, so the old one is told when it will go."},
    {Rule::DeleteOldCluster, "The old cluster has drained for the promised time and is deleted."},
    {Rule::FailOverSilentDashboard,
     "The active cluster's dashboard has not answered for the whole limit, so a replacement is "
     "made."},
    {Rule::FailOverUnhealthyApp,
     "An application of the active cluster was ill for the whole limit, so a replacement is made."},
    {Rule::FailOverHeadNotReady,
     "The active cluster's head pod was not ready for the whole limit, so a replacement is made."},
    {Rule::CancelFailover, "The active cluster is well again, so its replacement is deleted."},
    {Rule::LabelHead, "A head pod carries ray.io/serve=true while its Serve proxy answers."},
    {Rule::WriteServiceStatus, "What is believed about a RayService is written into its status."},
    {Rule::DeleteClusterOfDeletedService, "The RayService is being deleted, so its clusters are."},
    {Rule::RemoveFinalizer,
     "Nothing is left of a deleted RayService, so our finalizer is removed."},
    {Rule::RememberOnService,
     "What must outlive the log is written on the RayService: counter, attempts, back-off."},
    {Rule::RememberAcceptedConfig, "The Serve config a cluster accepted is noted on the cluster."},
    {Rule::SuspendService,
     "The RayService is suspended, so its clusters and Services are deleted."},
    {Rule::CutDrainForFailover,
     "A failover needs room, so the drain of the old cluster is cut short."},
    {Rule::GiveUpInitializing,
     "The RayService was not ready within ray.io/initializing-timeout: its clusters are deleted."},
    {Rule::CreateClusterHeadService, "A RayCluster without a Service to its head gets one."},
    {Rule::CreateAccess,
     "A RayCluster with the in-tree autoscaler gets its account, role and binding."},
    {Rule::CreateHeadlessService,
     "A RayCluster with multi-host groups gets a headless Service that names workers."},
    {Rule::CreateHeadPod, "A RayCluster without a head pod gets one."},
    {Rule::CreateWorkerPod, "A worker group that is short of pods gets as many."},
    {Rule::DeleteDeadPod, "A pod that ended and will not come back is deleted."},
    {Rule::DeleteNamedWorker, "The spec names this worker in workersToDelete."},
    {Rule::ScaleDown,
     "A worker group has more pods than replicas, and no autoscaler chooses which go."},
    {Rule::WriteClusterStatus, "What is believed about a RayCluster is written into its status."},
    {Rule::SuspendCluster,
     "The RayCluster or the worker group is suspended, so its pods are deleted."},
    {Rule::DeleteIncompleteReplica,
     "A multi-host replica has lost a pod, so its other pods are deleted."},
    {Rule::AddRedisFinalizer,
     "A RayCluster that keeps its state in Redis gets a finalizer before anything else is made."},
    {Rule::DeletePodOfDeletedCluster,
     "The RayCluster is being deleted, and its pods must be gone before Redis is cleaned up."},
    {Rule::CreateRedisCleanup,
     "The heads of a deleted RayCluster are gone, so a Job removes its state from Redis."},
    {Rule::RemoveRedisFinalizer,
     "Nothing is left to clean up in Redis, so the RayCluster's finalizer is removed."},
    {Rule::ForceRedisFinalizer,
     "Redis was not cleaned up in time, so the RayCluster's finalizer is removed all the same."},
    {Rule::CreateTokenSecret,
     "A RayCluster with token authentication gets the Secret that holds its token."},
    {Rule::RecreatePod,
     "The spec was changed and the strategy is Recreate, so pods of the old spec are deleted."},
    {Rule::StampHead,
     "A head pod that another version made counts as made for the spec it runs with now."},
    {Rule::CreateIngress, "A RayCluster that asks for an Ingress to its dashboard gets one."},
    {Rule::UpdateIngress, "The Ingress no longer says what its RayCluster asks for."},
    {Rule::CreateClusterServeService,
     "A RayCluster with the annotation ray.io/enable-serve-service gets a Service to Serve."},
};

}  // namespace

const char* sentence_of(Rule rule) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.rule == rule) return sentence.text;
  }
  return "This build does not know the rule: a newer one made the decision.";
}

}  // namespace raycord
