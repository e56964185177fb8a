#!/bin/bash
# Builds the benchmarks optimised and runs them. Arguments go to Google Benchmark.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release --log-level=WARNING
cmake --build --preset release -j "${JOBS:-$(nproc)}" --target raycord_bench
build/release/bin/raycord_bench "$@"
