#!/bin/bash
# Measures everything that docs/figures.md tells. Arguments go to Google Benchmark.
# Environment: FIGURES names the parts to run [all]; SERVICES and HOURS are the disk report's size;
# RAYCORD_SHARED is where KubeRay's recorded conversations are, if they are at hand.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=build/release/bin
parts=${FIGURES:-machine writes bench db_bench disk memory}

part() { [[ " $parts " == *" $1 "* ]]; }
title() { printf '\n== %s\n' "$*"; }

cmake --preset release --log-level=WARNING
cmake --build --preset release -j "${JOBS:-$(nproc)}" \
  --target raycord_bench raycord-figures raycord-operator raycord-sandbox
mkdir -p build/bench

if part machine; then
  title "machine"
  lscpu | sed -n 's/^Model name: *//p; s/^CPU(s): */cores: /p'
  sed -n 's/^MemTotal: */memory: /p' /proc/meminfo
  g++ --version | head -1
  dpkg-query -W -f '${Package} ${Version}\n' librocksdb-dev
  uptime
fi

if part writes; then
  title "writes to the API server, in virtual time"
  "$bin/raycord-figures" writes
  recorded=${RAYCORD_SHARED:-../shared}/fixtures/kuberay
  if [ -d "$recorded" ]; then
    title "what KubeRay wrote, as far as its recorded watches show"
    python3 test/bench/kuberay_writes.py "$recorded"
  fi
fi

if part bench; then
  title "turns, replay, appending"
  # Logs of an earlier build may say other things.
  rm -rf build/bench/*-log build/bench/*-log.complete
  "$bin/raycord_bench" "$@"
fi

if part db_bench; then
  title "RocksDB's own rate for the same bytes per frame and frames per batch"
  if ! command -v db_bench >/dev/null; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends rocksdb-tools >/dev/null
  fi
  folder=$(mktemp -d build/bench/db_bench-XXXXXX)
  trap 'rm -rf "$folder"' EXIT
  # A frame's value is 222 bytes: 21 of header, a count, 200 of payload; its key has 8.
  for sync in 1 0; do
    for batch in 1 16 256; do
      frames=$((sync ? 4000 * (batch > 1 ? 16 : 1) : 400000))
      printf 'sync=%d batch=%-3d ' "$sync" "$batch"
      db_bench --benchmarks=fillseq --db="$folder/db" --num="$frames" --batch_size="$batch" \
        --sync="$sync" --key_size=8 --value_size=222 --compression_type=zstd \
        --write_buffer_size=4194304 --disable_auto_compactions=0 2>/dev/null |
        sed -n 's/^fillseq *: *//p'
      rm -rf "$folder/db"
    done
  done
fi

if part disk; then
  title "disk after flush and full compaction"
  "$bin/raycord-figures" disk "${SERVICES:-1000}" "${HOURS:-24}"
fi

if part memory; then
  title "memory of the operator"
  PYTHONDONTWRITEBYTECODE=1 python3 test/bench/operator_memory.py "$bin" 1 250 1000
fi
