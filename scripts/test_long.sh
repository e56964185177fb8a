#!/bin/bash
# What takes hours: thread sanitizer, kill tests, everything labelled long, real Ray, mutants, and long
# simulations.
# Minutes of simulation: SIM_MINUTES (default 120).
set -uo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
status=0

cmake --preset tsan --log-level=WARNING && cmake --build --preset tsan -j "$jobs" \
  --target core_test formats_test adapters_test operator_test || exit 1
ctest --preset tsan -j "$jobs" -L '^(core|formats|adapters|operator)$' || status=1

scripts/deps.sh debootstrap  # The image's tests.
cmake --preset dev --log-level=WARNING && cmake --build --preset dev -j "$jobs" || exit 1
ctest --preset dev -L long || status=1
JOBS=$jobs scripts/real_ray.sh
case $? in
  0) ;;
  77) echo "SKIPPED: real Ray; see the line above" ;;
  *) status=1 && echo "FAILED: real Ray and the sandbox do not say the same" ;;
esac

cmake --preset release --log-level=WARNING && cmake --build --preset release -j "$jobs" \
  --target raycord-sim || exit 1
build/release/bin/raycord-sim --mutants 10000 || status=1
build/release/bin/raycord-sim --minutes "${SIM_MINUTES:-120}" --hours 6 --services 5 || status=1
exit $status
