#!/bin/bash
# The adapters against a real Ray head, step by step beside the sandbox's head.
# Then the whole operator with a real head.
# usage: real_ray.sh [BIN]
#   BIN  directory of built programs [build/dev/bin, built first]
# Environment: RAY_VENV: a Python environment that has Ray [build/ray-venv, made when missing];
# RAY_VERSION [2.52.1].
# The table of the steps goes to standard output; Ray's own words to build/real-ray.log, the
# operator's to build/real-ray-operator.log.
# Exits 0 good, 1 failed, 77 skipped.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
version=${RAY_VERSION:-2.52.1}
export venv=${RAY_VENV:-$root/build/ray-venv} log=$root/build/real-ray.log
mkdir -p "$root/build"

skip() {
  echo "SKIPPED real Ray: $*"
  exit 77
}

# Inside namespaces of its own: the ports are free, and nothing outlives the first process.
start_ray() {
  # A busy machine takes longer than Ray's own patience.
  export RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT=120
  timeout 300 "$venv/bin/ray" start --head --node-ip-address=127.0.0.1 --dashboard-host=127.0.0.1 \
    --disable-usage-stats --num-cpus=4 --object-store-memory=100000000 \
    --temp-dir="$scratch/ray$1" >>"$log" 2>&1 ||
    { echo "FAILED real Ray: it does not start, see $log"; exit 1; }
}

if [ "${1:-}" = --inside ]; then
  ip link set lo up || exit 77
  export RAYCORD_ILL_FILE=$scratch/ill PYTHONPATH=$root/test/real_ray/apps PYTHONDONTWRITEBYTECODE=1
  start_ray 1
  timeout 1200 "$bin/raycord-real-ray" 127.0.0.1 "$RAYCORD_ILL_FILE" \
    'pkill -9 -f ray/[d]ashboard/dashboard.py' 2>>"$log" || exit 1

  printf '\n== the operator with a real head\n'
  timeout 120 "$venv/bin/ray" stop --force >>"$log" 2>&1
  start_ray 2
  "$bin/raycord-sandbox" --port 6443 --kubeconfig "$scratch/kubeconfig" --pod-ips 127.0.0.0/24 \
    >>"$log" 2>&1 &
  while [ ! -s "$scratch/kubeconfig" ]; do
    jobs %1 >/dev/null 2>&1 || { echo "FAILED real Ray: no sandbox, see $log"; exit 1; }
    sleep 0.1
  done
  "$bin/raycord-operator" --kubeconfig "$scratch/kubeconfig" --log-dir "$scratch/log" \
    --metrics-addr 0 --health-probe-bind-address 0 >"$root/build/real-ray-operator.log" 2>&1 &
  "$venv/bin/python" "$root/test/real_ray/loop.py" http://127.0.0.1:6443 "$bin/raycord" \
    "$scratch/log" || exit 1
  timeout 60 "$bin/raycord" --log "$scratch/log" replay
  exit
fi

if [ ! -x "$venv/bin/ray" ]; then
  command -v python3 >/dev/null || skip "no python3"
  echo "== installing Ray $version into $venv"
  { python3 -m venv "$venv" && "$venv/bin/pip" install -q "ray[serve,default]==$version" \
    "protobuf>=6.33.5,<7"; } >"$log" 2>&1 ||
    { rm -rf "$venv"; skip "Ray $version cannot be installed here, see $log"; }
fi
isolated=(unshare --net --pid --fork --mount-proc --kill-child)
[ "$(id -u)" = 0 ] || isolated+=(--map-root-user)
"${isolated[@]}" ip link set lo up 2>>"$log" || skip "it needs namespaces of its own"

export bin=${1:-}
if [ -z "$bin" ]; then
  cmake --preset dev --log-level=WARNING -S "$root" &&
    cmake --build "$root/build/dev" -j "${JOBS:-$(nproc)}" --target raycord-real-ray \
      raycord-sandbox raycord-operator raycord >/dev/null || exit 1
  bin=$root/build/dev/bin
fi
: >"$log"
# Short: Ray makes Unix sockets below it.
scratch=$(mktemp -d /tmp/ray.XXXX) && export scratch
begun=$SECONDS
"${isolated[@]}" "$root/scripts/real_ray.sh" --inside &
inside=$!
# unshare does not listen to SIGTERM; with its end all inside ends.
trap 'kill -KILL "$inside" 2>/dev/null; wait "$inside" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
wait "$inside"
code=$?
[ "$code" = 0 ] && echo "passed real Ray $version in $((SECONDS - begun)) s"
exit "$code"
