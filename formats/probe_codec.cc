#include "formats/codec_parts.h"
#include "formats/log.pb.h"

namespace raycord {
namespace {

void encode(const DeploymentAnswer& deployment, Encoding& encoding, wire::DeploymentAnswer& out) {
  out.set_name(encoding.text(deployment.name));
  out.set_status(encoding.text(deployment.status));
  out.set_trigger(encoding.text(deployment.trigger));
  out.set_message(encoding.text(deployment.message));
}

DeploymentAnswer decode(const wire::DeploymentAnswer& in) {
  return {in.name(), in.status(), in.trigger(), in.message()};
}

void encode(const AppAnswer& app, Encoding& encoding, wire::AppAnswer& out) {
  out.set_name(encoding.text(app.name));
  out.set_status(encoding.text(app.status));
  out.set_message(encoding.text(app.message));
  out.set_config(app.config.value);
  for (const DeploymentAnswer& deployment : app.deployments) {
    encode(deployment, encoding, *out.add_deployments());
  }
}

AppAnswer decode(const wire::AppAnswer& in) {
  AppAnswer app{in.name(), in.status(), in.message(), {in.config()}, {}};
  app.deployments.reserve(static_cast<std::size_t>(in.deployments_size()));
  for (const wire::DeploymentAnswer& deployment : in.deployments()) {
    app.deployments.push_back(decode(deployment));
  }
  return app;
}

void encode(const ProbeAnswer& answer, Encoding& encoding, wire::ProbeAnswer& out) {
  out.set_trouble(static_cast<wire::ProbeTrouble>(answer.trouble));
  out.set_status(answer.status);
  out.set_from_agent(answer.from_agent);
  for (const AppAnswer& app : answer.serve.apps) encode(app, encoding, *out.add_apps());
  for (const auto& [status, count] : answer.serve.proxies) {
    wire::ProxyCount& proxy = *out.add_proxies();
    proxy.set_status(encoding.text(status));
    proxy.set_count(count);
  }
  if (answer.serve.target_capacity) out.set_target_capacity(*answer.serve.target_capacity);
}

void decode(const wire::ProbeAnswer& in, Decoding& decoding, ProbeAnswer& answer) {
  answer.trouble = decoding.value<ProbeTrouble>(in.trouble(), wire::ProbeTrouble_IsValid,
                                                "probe_run.answer.trouble");
  answer.status = in.status();
  answer.from_agent = in.from_agent();
  answer.serve.apps.reserve(static_cast<std::size_t>(in.apps_size()));
  for (const wire::AppAnswer& app : in.apps()) answer.serve.apps.push_back(decode(app));
  for (const wire::ProxyCount& proxy : in.proxies()) {
    answer.serve.proxies.insert_or_assign(proxy.status(), proxy.count());
  }
  if (in.has_target_capacity()) answer.serve.target_capacity = in.target_capacity();
}

}  // namespace

void encode(const ProbeRun& run, Encoding& encoding, wire::ProbeRun& out) {
  encoding.touch(Kind::RayCluster, run.ns, run.cluster);
  out.set_source_number(encoding.number(
      ProbeSource{run.target, run.ns, run.cluster, run.head_restarts, run.head_uid}));
  out.set_last_before(millis_between(run.last, encoding.at()));
  out.set_lasted(millis_between(run.first, run.last));
  out.set_count(run.count);
  out.set_slowest(run.slowest.count());
  if (!run.continued) encode(run.answer, encoding, *out.mutable_answer());
}

void decode(const wire::ProbeRun& in, Decoding& decoding, ProbeRun& run) {
  decoding.source(in.source_number(), "probe_run.source_number", run);
  run.last = earlier(decoding.at(), in.last_before());
  run.first = earlier(run.last, in.lasted());
  run.count = in.count();
  run.slowest = Millis{in.slowest()};
  run.continued = !in.has_answer();
  run.answer = {};
  if (in.has_answer()) decode(in.answer(), decoding, run.answer);
}

}  // namespace raycord
