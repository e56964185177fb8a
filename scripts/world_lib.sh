# For scripts that play on a real API server: brings one up in a folder of its own, with simulated
# nodes and Ray heads, and takes it down however the script ends. To be sourced, with `root` and
# `name` set.
# Environment: RAYCORD_SHARED [../shared] holds world/; KUBEBUILDER_ASSETS: other binaries of
# Kubernetes, used before those of the world.
# Afterwards: $run is the cluster's folder; `inside`, `background` and `kube` run a command in it;
# $scratch is for anything. Logs and objects are left in build/$name.
source=${RAYCORD_SHARED:-$root/../shared}/world

skip() {
  echo "SKIPPED $name: $*"
  exit 77
}

inside() { "$world/run-in-cluster.sh" "$run" "$@"; }
kube() { inside kubectl --kubeconfig "$run/kubeconfig" "$@"; }

groups=()  # Process groups of what `background` started.

# Like `inside`, in the background: a command that ends with the script, and all that it started.
background() {
  setsid "$world/run-in-cluster.sh" "$run" "$@" &
  groups+=($!)
}

# Leaves nothing running, however the story ended; what may explain it is kept.
finish() {
  local code=$?
  trap - EXIT
  local group
  for group in "${groups[@]}"; do kill -KILL -- "-$group" && wait "$group"; done 2>/dev/null
  rm -rf "$root/build/$name"
  mkdir -p "$root/build/$name"
  cp -r "$run"/*.log "$run"/*-log "$run"/keep/. "$root/build/$name/" 2>/dev/null
  if [ "$code" = 1 ]; then
    if [ -f "$run/kubeconfig" ]; then
      inside timeout 20 kubectl --kubeconfig "$run/kubeconfig" \
        get -A -o yaml rayservices,rayclusters,pods,services,statefulsets,endpointslices,events,leases \
        >"$root/build/$name/objects.yaml" 2>&1
    fi
    echo "FAILED $name: logs and objects are in $root/build/$name"
  fi
  [ -d "$run" ] && "$world/cluster.sh" down "$run" >/dev/null 2>&1
  rm -rf "$scratch"
  exit "$code"
}

# Binaries of the world, on PATH; and $world, $run, $scratch. Skips where there is none.
unpack_world() {
  [ -x "$source/cluster.sh" ] || skip "no world at $source; RAYCORD_SHARED says where it is"
  [ "$(id -u)" = 0 ] || skip "a network namespace of its own needs root"
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/raycord-$name.XXXXXX")
  world=$scratch/world
  run=$scratch/run
  trap finish EXIT
  trap 'exit 1' INT TERM HUP
  cp -r "$source" "$world" && chmod -R u+w "$world" || exit 1
  "$world/unpack.sh" "$world/bin" >"$scratch/unpack.log" ||
    skip "the world's binaries do not unpack here"
  export PATH="$world/bin:$PATH"
  local program
  for program in etcd kube-apiserver kubectl openssl ip nsenter python3; do
    command -v "$program" >/dev/null ||
      PATH="${KUBEBUILDER_ASSETS:-/nonexistent}:$PATH" command -v "$program" >/dev/null ||
      skip "no $program on PATH or in KUBEBUILDER_ASSETS"
  done
  [ -z "${KUBEBUILDER_ASSETS:-}" ] || export PATH="$KUBEBUILDER_ASSETS:$PATH"
}

# start_world [CONTROLLER...]: beside those that every story needs.
start_world() {
  WORLD_CONTROLLERS=endpointslice-controller,garbage-collector-controller,namespace-controller
  WORLD_CONTROLLERS+=,serviceaccount-controller,job-controller,pod-garbage-collector-controller
  local controller
  for controller in "$@"; do WORLD_CONTROLLERS+=,$controller; done
  export WORLD_CONTROLLERS
  "$world/cluster.sh" up "$run" >/dev/null && "$world/cluster.sh" world "$run"
}

# Waits until the definitions are served. `kubectl wait` gives up at once on one without conditions.
definitions_served() {
  inside timeout 30 bash -c "until kubectl --kubeconfig $run/kubeconfig wait crd --all \
    --timeout=5s --for=condition=Established; do sleep 0.1; done" >/dev/null 2>&1 ||
    { echo "FAILED $name: the definitions are not established within 30 s" && return 1; }
}
