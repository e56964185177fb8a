#!/bin/bash
# The conformance scenarios on a real API server and etcd, with simulated nodes and Ray heads.
# usage: conformance.sh [--bin DIR] [ARGUMENT...]
#   --bin DIR  [build/dev/bin] where raycord-conformance, raycord-operator and raycord are
#   ARGUMENT   for raycord-conformance: --all plays those that take long too, --only TEXT some
# scripts/world_lib.sh tells the environment. Logs are left in build/conformance.
# Exits 0 good, 1 failed, 77 skipped.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
name=conformance
. "$root/scripts/world_lib.sh"

bin=$root/build/dev/bin
if [ "${1:-}" = --bin ]; then
  bin=$(realpath -s "$2")
  shift 2
fi
for program in raycord-conformance raycord-operator raycord; do
  [ -x "$bin/$program" ] || { echo "FAILED $name: no $bin/$program; build it first"; exit 1; }
done

unpack_world
begun=$SECONDS
# As clusters have it: pods need their ServiceAccount.
sed -i 's/--disable-admission-plugins ServiceAccount//' "$world/cluster.sh"
start_world || exit 1
kube apply --server-side -f "$root/charts/raycord/crds" >/dev/null && definitions_served || exit 1

# Plain HTTP for the scenarios' user; all verbs, and paths of pods that a proxy holds back by itself.
background kubectl --kubeconfig "$run/kubeconfig" proxy --port 0 --reject-paths '^$' \
  >"$run/proxy.log" 2>&1
for _ in $(seq 100); do
  port=$(sed -n 's/^Starting to serve on .*:\([0-9]*\)$/\1/p' "$run/proxy.log")
  [ -z "$port" ] || break
  sleep 0.1
done
[ -n "$port" ] || { echo "FAILED $name: kubectl proxy does not serve"; exit 1; }

mkdir -p "$run/keep"
background "$bin/raycord-conformance" --api "http://127.0.0.1:$port" --control http://127.0.0.1:9900 \
  --kubeconfig "$run/kubeconfig-operator" --folder "$run/keep" "$@"
wait $! || exit 1
echo "passed $name in $((SECONDS - begun)) s"
