#!/bin/bash
# The guide as a story on a real API server and etcd, with simulated nodes and Ray heads.
# usage: e2e.sh [--peer] [OPERATOR]
#   OPERATOR  [build/dev/bin/raycord-operator]; raycord beside it checks the log
#   --peer    play what KubeRay's operator can play as well; OPERATOR [the one in the world]
# The chart is installed by helm where there is one (scripts/helm.sh), else from its golden file;
# the operator runs with flags, ServiceAccount and rights of the chart.
# Environment: E2E_VALUES [default]: which of test/chart/values; E2E_CRDS: a folder of other resource
# definitions, KubeRay's for example, in place of the chart's; and what scripts/world_lib.sh tells.
# Logs are left in build/e2e. Exits 0 good, 1 failed, 77 skipped.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
name=e2e
. "$root/scripts/world_lib.sh"

peer=()
if [ "${1:-}" = --peer ]; then
  peer=(--peer)
  shift
fi
unpack_world

operator=$root/build/dev/bin/raycord-operator
[ ${#peer[@]} = 0 ] || operator=$world/bin/kuberay-operator
operator=${1:-$operator}
[ -x "$operator" ] || { echo "FAILED e2e: no operator at $operator; build it first"; exit 1; }
operator=$(realpath -s "$operator")

begun=$SECONDS
# So that the audit log tells what the chart's account was forbidden.
account=system:serviceaccount:ray-system:raycord
sed -i "s/users: \[operator\]/users: [operator, \"$account\"]/" "$world/cluster.sh"
# Beside others, the controller that makes the chart's pod, and the one that the API server's proxy
# of Services counts on.
start_world clusterrole-aggregation-controller statefulset-controller endpoints-controller || exit 1
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
definitions_served || exit 1

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
