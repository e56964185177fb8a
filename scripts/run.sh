#!/bin/bash
# Builds, and leaves operator and embedded cluster running in the foreground until Ctrl-C.
# Environment: DEMO_BIN names a directory of built programs [builds them]; PRESET [dev] is the build.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$PWD/build/run

if [ -n "${DEMO_BIN:-}" ]; then
  bin=$(realpath "$DEMO_BIN")
else
  cmake --preset "${PRESET:-dev}" --log-level=WARNING
  cmake --build --preset "${PRESET:-dev}" -j "${JOBS:-$(nproc)}" --target raycord-operator raycord
  bin=$PWD/build/${PRESET:-dev}/bin
fi

mkdir -p "$scratch"
exec 9>"$scratch/lock"
flock -n 9 || { echo "it runs already; see $scratch" >&2; exit 1; }
rm -rf "$scratch/log" "$scratch/kubeconfig"

cat <<END

In another terminal:
  export KUBECONFIG=$scratch/kubeconfig RAYCORD_LOG=$scratch/log PATH=$bin:\$PATH
  kubectl apply -f samples/rayservice.yaml
  kubectl get rayservices,rayclusters,pods,services
  kubectl describe rayservice rayservice-sample
  raycord timeline rayservice-sample --follow

END
exec "$bin/raycord-operator" --sandbox --sandbox-kubeconfig "$scratch/kubeconfig" \
  --log-dir "$scratch/log"
