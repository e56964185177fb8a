#!/bin/bash
# Builds the benchmarks optimised and runs them; docs/figures.md keeps the figures and the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release --log-level=WARNING
cmake --build --preset release -j "${JOBS:-$(nproc)}" --target raycord_bench
build/release/bin/raycord_bench "$@"
