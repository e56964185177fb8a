#!/bin/bash
# Prints where a helm is: $HELM, one of version 3 on PATH, or one built here by Go (once; a minute
# or two). Exits 77 and says why when there is none to be had.
set -uo pipefail
version=v3.22.0
root=$(cd "$(dirname "$0")/.." && pwd)

skip() {
  echo "no helm: $*" >&2
  exit 77
}

is_3() { "$1" version --short 2>/dev/null | grep -q '^v3\.'; }

if [ -n "${HELM:-}" ]; then
  is_3 "$HELM" || skip "HELM is $HELM, which is no helm of version 3"
  echo "$HELM"
  exit
fi
if found=$(command -v helm) && is_3 "$found"; then
  echo "$found"
  exit
fi
built=$root/build/helm-$version/helm
if ! [ -x "$built" ]; then
  # Debian's own Go is too old for it, and too old to fetch another.
  command -v go >/dev/null || skip "none on PATH, none in HELM, and no Go to build it with"
  mkdir -p "$root/build"
  # Two tests may want it at once.
  exec 9>"$root/build/helm.lock"
  flock 9
  if ! [ -x "$built" ]; then
    GOBIN=$(dirname "$built") GOFLAGS=-mod=mod timeout 540 \
      go install "helm.sh/helm/v3/cmd/helm@$version" 2>"$root/build/helm.log" ||
      skip "go install helm.sh/helm/v3/cmd/helm@$version: $(tail -1 "$root/build/helm.log")"
  fi
fi
echo "$built"
