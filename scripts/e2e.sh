#!/bin/bash
# The guide as a story on a real API server and etcd, with simulated nodes and Ray heads.
# usage: e2e.sh [--peer] [OPERATOR]
#   OPERATOR  [build/dev/bin/raycord-operator]; raycord beside it checks the log
#   --peer    play what KubeRay's operator can play as well; OPERATOR [the one in the world]
# The chart is installed by helm where there is one (scripts/helm.sh), else from its golden file;
# the operator runs with flags, ServiceAccount and rights of the chart.
# Environment: RAYCORD_SHARED [../shared] holds world/; KUBEBUILDER_ASSETS: other binaries of
# Kubernetes, used before those of the world; E2E_VALUES [default]: which of test/chart/values;
# E2E_CRDS: a folder of other resource definitions, KubeRay's for example, in place of the chart's.
# Logs are left in build/e2e. Exits 0 good, 1 failed, 77 skipped.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source=${RAYCORD_SHARED:-$root/../shared}/world

skip() {
  echo "SKIPPED e2e: $*"
  exit 77
}

peer=()
if [ "${1:-}" = --peer ]; then
  peer=(--peer)
  shift
fi
[ -x "$source/cluster.sh" ] || skip "no world at $source; RAYCORD_SHARED says where it is"
[ "$(id -u)" = 0 ] || skip "a network namespace of its own needs root"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/raycord-e2e.XXXXXX")
world=$scratch/world
run=$scratch/run

# Leaves nothing running, however the story ended; what may explain it is kept in build/e2e.
finish() {
  local code=$?
  trap - EXIT
  rm -rf "$root/build/e2e"
  mkdir -p "$root/build/e2e"
  cp -r "$run"/*.log "$run"/*-log "$root/build/e2e/" 2>/dev/null
  if [ "$code" = 1 ]; then
    if [ -f "$run/kubeconfig" ]; then
      "$world/run-in-cluster.sh" "$run" timeout 20 kubectl --kubeconfig "$run/kubeconfig" \
        get -A -o yaml rayservices,rayclusters,pods,services,statefulsets,endpointslices,events,leases \
        >"$root/build/e2e/objects.yaml" 2>&1
    fi
    echo "FAILED e2e: logs and objects are in $root/build/e2e"
  fi
  [ -d "$run" ] && "$world/cluster.sh" down "$run" >/dev/null 2>&1
  rm -rf "$scratch"
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

cp -r "$source" "$world" && chmod -R u+w "$world" || exit 1
"$world/unpack.sh" "$world/bin" >"$scratch/unpack.log" || skip "the world's binaries do not unpack here"
export PATH="$world/bin:$PATH"
for program in etcd kube-apiserver kubectl openssl ip nsenter python3; do
  command -v "$program" >/dev/null ||
    PATH="${KUBEBUILDER_ASSETS:-/nonexistent}:$PATH" command -v "$program" >/dev/null ||
    skip "no $program on PATH or in KUBEBUILDER_ASSETS"
done
[ -n "${KUBEBUILDER_ASSETS:-}" ] && export PATH="$KUBEBUILDER_ASSETS:$PATH"

operator=$root/build/dev/bin/raycord-operator
[ ${#peer[@]} = 0 ] || operator=$world/bin/kuberay-operator
operator=${1:-$operator}
[ -x "$operator" ] || { echo "FAILED e2e: no operator at $operator; build it first"; exit 1; }
operator=$(realpath -s "$operator")

begun=$SECONDS
# So that the audit log tells what the chart's account was forbidden.
account=system:serviceaccount:ray-system:raycord
sed -i "s/users: \[operator\]/users: [operator, \"$account\"]/" "$world/cluster.sh"
# The world's controllers that the story needs, the one that makes the chart's pod, and the one that
# the API server's proxy of Services counts on.
export WORLD_CONTROLLERS=endpointslice-controller,garbage-collector-controller,namespace-controller
WORLD_CONTROLLERS+=,serviceaccount-controller,job-controller,pod-garbage-collector-controller
WORLD_CONTROLLERS+=,clusterrole-aggregation-controller,statefulset-controller,endpoints-controller
"$world/cluster.sh" up "$run" >/dev/null && "$world/cluster.sh" world "$run" || exit 1
inside() { "$world/run-in-cluster.sh" "$run" "$@"; }
kube() { inside kubectl --kubeconfig "$run/kubeconfig" "$@"; }
play() {
  local script=$1
  shift
  inside env PYTHONDONTWRITEBYTECODE=1 python3 "$root/test/e2e/$script" --directory "$run" "$@"
}

# helm3 COMMAND ARGUMENT...: about the release raycord.
helm3() {
  HELM_CACHE_HOME=$scratch/helm HELM_CONFIG_HOME=$scratch/helm HELM_DATA_HOME=$scratch/helm \
    inside "$helm" "$1" raycord "${@:2}" --kubeconfig "$run/kubeconfig" --namespace ray-system \
    >>"$run/helm.log"
}

# The chart and its definitions; arguments are for helm.
install_chart() {
  kube create namespace ray-system >/dev/null && kube create namespace team-a >/dev/null &&
    kube label namespace ray-system pod-security.kubernetes.io/enforce=restricted >/dev/null ||
    return
  if helm=$("$root/scripts/helm.sh"); then
    helm3 install "$root/charts/raycord" -f "$root/test/chart/values/$values.yaml" "$@" &&
      grep -q '^raycord .* watches' "$run/helm.log"
  else
    echo "SKIPPED helm install: what it would install comes from test/chart/golden/$values.yaml"
    [ $# = 1 ] || kube apply --server-side -f "$root/charts/raycord/crds" >/dev/null || return
    kube apply -f "$root/test/chart/golden/$values.yaml" >/dev/null
  fi
}

values=${E2E_VALUES:-default}
helm=
if [ ${#peer[@]} != 0 ]; then
  kube apply --server-side -f "${E2E_CRDS:-$root/charts/raycord/crds}" >/dev/null || exit 1
elif [ -n "${E2E_CRDS:-}" ]; then
  kube apply --server-side -f "$E2E_CRDS" >/dev/null && install_chart --skip-crds || exit 1
else
  install_chart || exit 1
fi
# `kubectl wait` gives up at once on a definition that has no conditions yet.
inside timeout 30 bash -c "until kubectl --kubeconfig $run/kubeconfig wait crd --all --timeout=5s \
  --for=condition=Established; do sleep 0.1; done" >/dev/null 2>&1 ||
  { echo "FAILED e2e: the definitions are not established within 30 s" && exit 1; }

if [ ${#peer[@]} = 0 ]; then
  play chart.py --statefulset ray-system/raycord || exit 1
  [ -n "${E2E_CRDS:-}" ] || play definitions.py || exit 1
fi
who=("${peer[@]}")
[ ${#who[@]} != 0 ] || who=(--statefulset ray-system/raycord)
play story.py --operator "$operator" --raycord "$(dirname "$operator")/raycord" "${who[@]}" ||
  exit 1
if [ ${#peer[@]} = 0 ] && [ -x "$world/bin/kuberay-operator" ]; then
  play takeover.py --operator "$operator" --raycord "$(dirname "$operator")/raycord" \
    --kuberay "$world/bin/kuberay-operator" "${who[@]}" || exit 1
fi
if [ -n "$helm" ]; then
  helm3 upgrade "$root/charts/raycord" --reuse-values --set failover=shadow &&
    play chart.py --statefulset ray-system/raycord --upgraded=--failover=shadow &&
    helm3 uninstall && play chart.py --statefulset ray-system/raycord --uninstalled || exit 1
fi
echo "passed e2e in $((SECONDS - begun)) s"
