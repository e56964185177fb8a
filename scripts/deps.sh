#!/bin/bash
# Installs the Debian packages that building and testing need, and those named, if any is missing.
# usage: deps.sh [--compile] [PACKAGE...]
#   --compile  only what compiling the programs needs
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config
  librocksdb-dev libcurl4-openssl-dev libsimdjson-dev libyaml-cpp-dev libspdlog-dev libfmt-dev
  nlohmann-json3-dev libcli11-dev protobuf-compiler libprotobuf-dev libcpp-httplib-dev libssl-dev
  libjemalloc-dev
)
if [ "${1:-}" = --compile ]; then
  shift
else
  packages+=(
    ccache make git ca-certificates clang-format libgtest-dev libgmock-dev libbenchmark-dev
    # The end-to-end story: etcd, a network namespace, certificates.
    etcd-server iproute2 util-linux openssl xz-utils python3 procps
  )
  # What the demo calls may have come from elsewhere.
  command -v kubectl >/dev/null || packages+=(kubernetes-client)
  command -v curl >/dev/null || packages+=(curl)
fi
packages+=("$@")

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "this machine has no apt-get; install the packages above by other means" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "run as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
