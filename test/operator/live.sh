#!/bin/bash
# live.sh OPERATOR SAMPLE FOLDER: starts the operator on its embedded cluster, brings a RayService to
# serve, looks at it in all the ways there are, and asks the operator to end while more is going on.
# Exits as the operator did, or 96 to 99.
operator=$1 sample=$2 folder=$3
"$operator" --sandbox --sandbox-kubeconfig="$folder/kubeconfig" --log-dir="$folder/log" \
  --metrics-addr=127.0.0.1:0 --health-probe-bind-address=0 2>"$folder/lines" >/dev/null &
pid=$!
trap 'kill -KILL $pid 2>/dev/null' EXIT
export KUBECONFIG=$folder/kubeconfig no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

until_it() { until "$@"; do kill -0 $pid || exit 99; sleep 0.2; done; }

get() {
  exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
  printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
  cat <&3
}

is_running() {
  get /metrics >"$folder/metrics"
  [ "$(kubectl get rayservice rayservice-sample -o jsonpath='{.status.serviceStatus}')" = Running ]
}

until_it grep -q 'leadership gained' "$folder/lines"
address=$(sed -n 's/.*address=//p' "$folder/lines")
kubectl apply -f "$sample" || exit 98
until_it is_running
get /readyz >"$folder/readyz"
kubectl delete pods --all --wait=false || exit 97
kubectl delete rayservice rayservice-sample --wait=false || exit 96
kill -TERM $pid
wait $pid
