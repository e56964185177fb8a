#!/bin/bash
# All tests of one change. Closes with one line: "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
passed=0
failed=0
# Objects compiled in another checkout of the same sources count as compiled here.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

step() { printf '\n== %s\n' "$*"; }

# note NAME COMMAND...: one check of its own.
note() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}

# suite PRESET CTEST-ARGUMENT...: counts what ctest ran.
suite() {
  local preset=$1 log ran bad
  shift
  log=build/$preset/ctest.log
  ctest --preset "$preset" -j "$jobs" --timeout 600 "$@" | tee "$log" | grep -vE '^ *[0-9]+/[0-9]+ Test|^ *Start'
  ran=$(sed -n 's/.*tests passed, [0-9]* tests failed out of \([0-9]*\).*/\1/p' "$log")
  bad=$(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of [0-9]*.*/\1/p' "$log")
  if [ -z "$ran" ] || [ "$ran" = 0 ]; then
    echo "FAILED: ctest ran nothing ($preset $*)"
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + ran - bad))
  failed=$((failed + bad))
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" --log-level=WARNING || return 1
  cmake --build --preset "$preset" -j "$jobs" ${@:+--target "$@"}
}

stop() {
  echo "FAILED: $1"
  printf '\n%d passed, %d failed\n' "$passed" $((failed + 1))
  exit 1
}

step "formatting"
note "sources are formatted" scripts/lint.sh format

step "dev build"
build dev || stop "dev build"
step "tests"
suite dev -LE 'e2e|long'

step "address and undefined-behaviour sanitizers, on the pure parts and the store"
if build asan core_test formats_test store_test; then
  suite asan -L '^(core|formats|store)$'
else
  stop "asan build"
fi

step "what ships, and the benchmarks, compile optimised"
note "the release build is without warnings" build release raycord-operator raycord raycord-sandbox \
  raycord_bench raycord-figures

step "five minutes of simulated worlds"
note "simulated worlds keep the promises" \
  build/dev/bin/raycord-sim --minutes "${SIM_MINUTES:-5}" --seeds "${SIM_SEEDS:-6}"

# played NAME COMMAND...: a story on a real API server, skipped where there is none.
played() {
  local name=$1
  shift
  "$@"
  case $? in
    0) passed=$((passed + 1)) ;;
    77) echo "SKIPPED: $name; see the line above" ;;
    *) failed=$((failed + 1)) && echo "FAILED: $name" ;;
  esac
}

# Both wait most of their time, each in a network of its own.
step "the guide's story and the conformance scenarios on real API servers"
scripts/conformance.sh >build/conformance.log 2>&1 &
conformance=$!
played "the end-to-end story" scripts/e2e.sh build/dev/bin/raycord-operator
conformance_ended() {
  wait "$conformance"
  local code=$?
  grep -v '^\[.*\] ok' build/conformance.log
  return "$code"
}
played "conformance on a real API server" conformance_ended

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
