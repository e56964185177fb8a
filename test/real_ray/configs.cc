#include "test/real_ray/configs.h"

#include <string_view>

namespace raycord {
namespace {

constexpr const char* kGuide = R"(
applications:
  - name: fruit_app
    import_path: fruit.deployment_graph
    route_prefix: /fruit
    deployments:
      - name: MangoStand
        num_replicas: 1
        user_config:
          price: PRICE
        ray_actor_options:
          num_cpus: 0.1
      - name: OrangeStand
        num_replicas: 1
        user_config:
          price: 2
        ray_actor_options:
          num_cpus: 0.1
      - name: PearStand
        num_replicas: 1
        user_config:
          price: 1
        ray_actor_options:
          num_cpus: 0.1
      - name: FruitMarket
        num_replicas: 1
        ray_actor_options:
          num_cpus: 0.1
  - name: math_app
    import_path: conditional_dag.serve_dag
    route_prefix: /calc
    deployments:
      - name: Adder
        num_replicas: 1
        user_config:
          increment: 3
        ray_actor_options:
          num_cpus: 0.1
      - name: Multiplier
        num_replicas: 1
        user_config:
          factor: 5
        ray_actor_options:
          num_cpus: 0.1
      - name: Router
        num_replicas: 1
        ray_actor_options:
          num_cpus: 0.1
)";

}  // namespace

std::string guide_config(int mango_price) {
  std::string yaml = kGuide;
  constexpr std::string_view kMark = "PRICE";
  return yaml.replace(yaml.find(kMark), kMark.size(), std::to_string(mango_price));
}

std::string rich_config() {
  return R"(
proxy_location: EveryNode
http_options: {host: 0.0.0.0, port: 8000, request_timeout_s: 30}
grpc_options: {port: 9000, grpc_servicer_functions: []}
target_capacity: 100
applications:
  - name: fruit_app
    import_path: fruit.deployment_graph
    route_prefix: /fruit
    deployments:
      - name: MangoStand
        num_replicas: 1
        max_ongoing_requests: 7
        max_queued_requests: 100
        user_config:
          price: 4
          nested: {list: [1, 2.0, 0.1, 1e3, null, true, 'text', {deep: -0.0}], "1": ü😀}
        graceful_shutdown_timeout_s: 5
        graceful_shutdown_wait_loop_s: 1
        health_check_period_s: 1
        health_check_timeout_s: 2.5
        ray_actor_options:
          num_cpus: 0
          memory: 1e7
          resources: {}
          runtime_env: {env_vars: {PRICE: "4"}}
      - name: OrangeStand
        num_replicas: 1.0
        user_config: {price: 2}
        max_replicas_per_node: 1
        ray_actor_options: {num_cpus: 0.1}
      - name: PearStand
        autoscaling_config:
          min_replicas: 1
          max_replicas: 2
          target_ongoing_requests: 3
          upscale_delay_s: 30
          metrics_interval_s: 10.0
        user_config: {price: 1}
        logging_config: {log_level: DEBUG, enable_access_log: false}
        ray_actor_options: {num_cpus: 0.1}
      - name: FruitMarket
        user_config: null
        request_router_config: {request_routing_stats_period_s: 5}
        placement_group_bundles: [{CPU: 0.1}]
        placement_group_strategy: PACK
        ray_actor_options: {num_cpus: 0.1}
  - import_path: patient:build
    route_prefix: null
    args: {one: 1, two: [2.0, null, {three: "3"}]}
    runtime_env: {env_vars: {A: "1", B: ""}}
    logging_config: {encoding: JSON}
    deployments:
      - name: Patient
        ray_actor_options: {num_cpus: 0.1}
)";
}

std::string rewritten_config() {
  return R"(
logging_config: {log_level: INFO}
applications:
  - name: patient_app
    import_path: patient.app
    owner: the clinic
    deployments:
      - name: Patient
        max_concurrent_queries: 10
        max_ongoing_requests: "5"
        num_replicas: true
        logging_config: {log_level: 10, additional_log_standard_attrs: [name, name]}
        ray_actor_options: {num_cpus: "0.1", num_tpus: 1}
)";
}

std::string missing_module_config() {
  return "applications: [{name: patient_app, import_path: fail.app}]";
}

std::string bad_route_config() {
  return "applications: [{name: patient_app, import_path: patient.app, route_prefix: /patient/}]";
}

std::string patient_config() {
  return R"(
applications:
  - name: patient_app
    import_path: patient.app
    route_prefix: /patient
    deployments:
      - name: Patient
        health_check_period_s: 1
        health_check_timeout_s: 2
        ray_actor_options: {num_cpus: 0.1}
)";
}

}  // namespace raycord
