#!/bin/bash
# The guide, step by step, on the embedded cluster: each step shows what kubectl prints, and checks
# what it claims. Only thresholds written in the manifest make it shorter than a day at work.
# Environment: DEMO_BIN names a directory of built programs [builds them]; PRESET [dev] is the build.
# Exits 0 good, 1 failed. The log stays in build/demo/log.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
scratch=build/demo
. scripts/demo_lib.sh

# The embedded cluster is on this machine, whatever proxy the way out has.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

operator=  # its process
requests=  # the process of the stream of requests
service=rayservice-sample

stop_operator() {
  local tries
  kill -TERM "$operator" 2>/dev/null
  for ((tries = 0; tries < 100; ++tries)); do
    kill -0 "$operator" 2>/dev/null || break
    sleep "$poll"
  done
  kill -KILL "$operator" 2>/dev/null
  wait "$operator"
}

# Leaves no process behind, however the story ended.
finish() {
  local code=$?
  trap '' INT TERM HUP
  trap - EXIT
  rm -f "$scratch/asking"
  [ -z "$requests" ] || wait "$requests"
  [ -z "$operator" ] || stop_operator
  if [ "$code" != 0 ]; then
    printf '\n%sthe demo did not get to its end%s; the log is %s/log, what the operator said %s/operator.txt\n' \
      "$red" "$plain" "$scratch" "$scratch"
  fi
  exit "$code"
}

alive() {
  [ -z "$operator" ] || kill -0 "$operator" 2>/dev/null ||
    failed "the operator runs" "a process" "$(tail -3 "$scratch/operator.txt")"
}

# What the steps look at.

field() { kubectl get "$1" "$2" -o jsonpath="$3"; }
clusters() { kubectl get raycluster -o jsonpath='{.items[*].metadata.name}'; }
cluster_count() { clusters | wc -w | tr -d ' '; }
selected() {
  kubectl get service "$service-head-svc" "$service-serve-svc" \
    -o jsonpath='{.items[*].spec.selector.ray\.io/cluster}'
}
replicas() {
  kubectl get raycluster \
    -o jsonpath='{range .items[*]}{.metadata.name} {.spec.workerGroupSpecs[0].replicas}{end}'
}
workers() { field raycluster "$1" '{.status.desiredWorkerReplicas} {.status.availableWorkerReplicas} {.status.state}'; }
application() { field rayservice "$service" "{.status.activeServiceStatus.applicationStatuses.$1.status}"; }
lag() {
  field rayservice "$service" '{.metadata.generation} {.status.observedGeneration}' |
    awk '{ print $1 == $2 ? "none" : $0 }'
}
left() {
  kubectl get rayservices,rayclusters,pods,services,endpointslices,roles,rolebindings,serviceaccounts -o name |
    grep -vE '^(service|endpointslice.discovery.k8s.io)/kubernetes$|^serviceaccount/default$'
}

# edit FROM TO: a whole line of the manifest, but for its indentation.
edit() {
  local places
  places=$(grep -c "^ *$1\$" "$manifest")
  [ "$places" = 1 ] || failed "one place to edit in $manifest" "one line '$1'" "$places"
  sed -i "s|^\( *\)$1\$|\1$2|" "$manifest"
  say "In the manifest: '$1' becomes '$2'."
}

# await_successor: another RayCluster takes over from $active.
await_successor() {
  local old=$active
  await "a second RayCluster is made, the first goes on serving" 2 30 cluster_count
  active=$(clusters | tr ' ' '\n' | grep -vx "$old")
  await "head and serve Service point to $active" "$active $active" 60 selected
  await "its workers are available" "2 2 ready" 30 workers "$active"
  show "kubectl get raycluster"
  await "$old is deleted" "$active" 30 clusters
}

# The steps.

step_programs() {
  heading "Build"
  if [ -n "${DEMO_BIN:-}" ]; then
    bin=$DEMO_BIN
    say "The programs of $bin are used."
  else
    say "The first time this takes some minutes."
    cmake --preset "${PRESET:-dev}" --log-level=WARNING &&
      cmake --build --preset "${PRESET:-dev}" -j "${JOBS:-$(nproc)}" \
        --target raycord-operator raycord || exit 1
    bin=build/${PRESET:-dev}/bin
  fi
  local program
  for program in "$bin/raycord-operator" "$bin/raycord" kubectl curl; do
    command -v "$program" >/dev/null || failed "$program is there" "a program" "none; try make deps"
  done
  PATH=$(realpath "$bin"):$PATH
}

# Thresholds that one can wait for; nothing else differs from the sample.
write_manifest() {
  manifest=$scratch/rayservice.yaml
  sed -e 's/^\(  serviceUnhealthySecondThreshold: \)900 .*/\110/' \
    -e 's/^\(  deploymentUnhealthySecondThreshold: \)300 .*/\110/' \
    -e 's/^spec:$/spec:\n  rayClusterDeletionDelaySeconds: 5/' samples/rayservice.yaml >"$manifest"
}

step_start() {
  heading "Steps 1 and 2: a cluster and the operator"
  printf '%s$ %s%s\n' "$dim" \
    "raycord-operator --sandbox --sandbox-kubeconfig $scratch/kubeconfig --log-dir $scratch/log &" "$plain"
  raycord-operator --sandbox --sandbox-kubeconfig "$scratch/kubeconfig" --log-dir "$scratch/log" \
    >"$scratch/operator.txt" 2>&1 </dev/null &
  operator=$!
  KUBECONFIG=$PWD/$scratch/kubeconfig
  export KUBECONFIG
  printf '%s$ %s%s\n' "$dim" "export KUBECONFIG=$scratch/kubeconfig" "$plain"
  say "Look on from another terminal, with the same KUBECONFIG."
  await "the API server answers" ok 60 kubectl get --raw /readyz
  SANDBOX=$(kubectl config view -o jsonpath='{.clusters[0].cluster.server}')
  SERVE=$SANDBOX/api/v1/namespaces/default/services/$service-serve-svc:8000/proxy
}

step_create() {
  heading "Step 3: a RayService"
  say "The manifest is samples/rayservice.yaml with thresholds that one can wait for:"
  show "grep Second $manifest"
  show "kubectl apply -f $manifest"
  await "the RayService is Running" Running 60 field rayservice "$service" '{.status.serviceStatus}'
  active=$(clusters)
  await "its RayCluster is ready" "1 1 ready" 30 workers "$active"
}

step_tables() {
  heading "Step 4: what there is"
  show "kubectl get rayservice"
  expect_words "the RayService runs" "^$service +Running"
  show "kubectl get raycluster"
  expect_words "its RayCluster has the one worker asked for" \
    "^$service-raycluster-[a-z0-9]{5} +1 +1 .* ready "
  show "kubectl get pods -l=ray.io/is-ray-node=yes"
  expect_words "a head and a worker run" "^$active-head-[a-z0-9]{5} +1/1 +Running +0 " \
    "^$active-small-group-worker-[a-z0-9]{5} +1/1 +Running +0 "
  show "kubectl get services"
  expect_words "the Services of RayCluster and RayService are there" "^$active-head-svc +ClusterIP +10\." \
    "^$service-head-svc +ClusterIP +10\." "^$service-serve-svc +ClusterIP +10\..* 8000/TCP "
}

step_describe() {
  heading "Step 5: the applications"
  show "kubectl describe rayservices $service | sed -n '/Application Statuses:/,/Ray Cluster Name:/p'"
  expect "both applications are RUNNING" 2 "$(grep -cE '^ +Status: +RUNNING$' <<<"$shown")"
  expect "their seven deployments are HEALTHY" 7 "$(grep -cE '^ +Status: +HEALTHY$' <<<"$shown")"
}

step_requests() {
  heading "Step 6: requests through the serve Service"
  printf '%s$ %s%s\n' "$dim" "SERVE=$SERVE" "$plain"
  local post="curl -sS -X POST -H 'Content-Type: application/json'"
  show "$post \$SERVE/fruit/ -d '[\"MANGO\", 2]'"
  expect "two mangos at 3" 6 "$shown"
  show "$post \$SERVE/calc/ -d '[\"MUL\", 3]'"
  expect "three times five pizzas" "15 pizzas please!" "$(tr -d '"' <<<"$shown")"
  say "From here on somebody buys two mangos every 50 ms."
  start_requests /fruit/ '["MANGO", 2]'
}

step_price() {
  heading "Step 7: a new price, in place"
  edit "price: 3" "price: 4"
  show "kubectl apply -f $manifest"
  await "two mangos at 4" 8 30 ask /fruit/ '["MANGO", 2]'
  await "fruit_app is RUNNING" RUNNING 30 application fruit_app
  await "the operator has taken in the edit" none 30 lag
  show "kubectl get raycluster"
  expect "it is the same RayCluster" "$active" "$(clusters)"
  expect_answers "while the price changed" 6 8
}

step_replicas() {
  heading "Steps 8.1 to 8.3: replicas belong to Ray's autoscaler"
  edit "replicas: 1" "replicas: 2"
  show "kubectl apply -f $manifest"
  await "the operator has taken in the edit" none 30 lag
  show "kubectl describe rayservices $service | grep -E '^ +Replicas:'"
  expect_words "the RayService asks for 2" "Replicas: +2$"
  show "kubectl describe rayclusters $active | grep -E '^ +Replicas:'"
  expect_words "its RayCluster keeps 1" "Replicas: +1$"
  lasts "nothing happens: one RayCluster, with 1" "$active 1" 3 replicas
}

step_upgrade() {
  heading "Steps 8.4 to 8.7: a new Ray version, without an interruption"
  edit 'rayVersion: "2.52.1"' 'rayVersion: "2.100.0"'
  show "kubectl apply -f $manifest"
  await_successor
  expect "two mangos" 8 "$(ask /fruit/ '["MANGO", 2]')"
  expect_answers "during the upgrade" 8
}

step_silent_dashboard() {
  heading "A dashboard that does not answer for longer than deploymentUnhealthySecondThreshold, 10 s"
  say "The embedded cluster can be told to break: SANDBOX=$SANDBOX"
  show "curl -sS \$SANDBOX/sandbox/faults \\
    -d '{\"cluster\":\"default/$active\",\"target\":\"dashboard\",\"mode\":\"refuse\"}'"
  silent=$active
  await_successor
  expect_answers "during the failover" 8
}

step_unhealthy_application() {
  heading "An application that is UNHEALTHY for longer than serviceUnhealthySecondThreshold, 10 s"
  show "curl -sS \$SANDBOX/sandbox/apps \\
    -d '{\"cluster\":\"default/$active\",\"app\":\"fruit_app\",\"status\":\"UNHEALTHY\"}'"
  await "the RayService shows it" UNHEALTHY 30 application fruit_app
  await_successor
  await "fruit_app is RUNNING" RUNNING 30 application fruit_app
  expect_answers "during the failover" 8
}

step_delete() {
  heading "Step 9: everything goes"
  stop_requests
  expect "no request is lost in all the time: $(wc -l <"$scratch/requests") are answered" 0 \
    "$(grep -cvE '^[0-9:]+ (6|8)$' "$scratch/requests")"
  say "Kubernetes Events tell it as well, each with its place in the log."
  show "kubectl get events --field-selector involvedObject.kind=RayService \\
    --sort-by=.metadata.creationTimestamp \\
    -o custom-columns='REASON:.reason,LOG:.metadata.annotations.raycord\.io/event,MESSAGE:.message'"
  expect_words "Events tell of the failovers" "fail-over-silent-dashboard" "fail-over-unhealthy-app"
  show "kubectl delete -f $manifest"
  await "nothing is left" "" 30 left
}

step_log() {
  heading "The log: every event, every decision and its causes"
  local code
  stop_operator
  code=$?
  operator=
  expect "SIGTERM ends the operator in good order" 0 "$code"
  export RAYCORD_LOG=$scratch/log
  printf '%s$ %s%s\n' "$dim" "export RAYCORD_LOG=$RAYCORD_LOG" "$plain"
  show "raycord log verify"
  expect_words "the log is intact" "^intact: "
  show "raycord replay"
  expect_words "this build decides what was decided" "^same: .* 0 divergences$"
  show "raycord timeline $service"
  expect_words "the timeline tells of the first RayCluster, the upgrade and both failovers" \
    "start-first-cluster: create" "start-upgrade: create" "fail-over-silent-dashboard: create" \
    "fail-over-unhealthy-app: create"
  local failover
  failover=$(grep -m 1 "fail-over-silent-dashboard: create" <<<"$shown" | grep -oE '[a-z0-9]{5}:[0-9]+ ')
  show_wrapped "raycord why ${failover% }"
  expect_words "the cause is the silent dashboard" "dashboard of default/$silent"
}

mkdir -p "$scratch" && exec 9>"$scratch/lock" || exit 1
flock -n 9 || { echo "another demo runs in $scratch; wait for its end" >&2; exit 1; }
rm -rf "$scratch"/{log,kubeconfig,operator.txt,requests,asking,rayservice.yaml}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP PIPE

step_programs
begun=$SECONDS
write_manifest
step_start
step_create
step_tables
step_describe
step_requests
step_price
step_replicas
step_upgrade
step_silent_dashboard
step_unhealthy_application
step_delete
step_log

printf '\n%severything held%s: %d checks in %d s; the log stays in %s/log\n' "$green" "$plain" \
  "$checks" $((SECONDS - begun)) "$scratch"
