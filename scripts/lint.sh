#!/bin/bash
# Formatting, and the short list of clang-tidy checks; every finding fails.
set -uo pipefail
cd "$(dirname "$0")/.."
command -v clang-format >/dev/null || { echo "clang-format is missing: apt-get install clang-format" >&2; exit 1; }

mapfile -t sources < <(git ls-files '*.h' '*.cc')
clang-format --dry-run -Werror "${sources[@]}" || exit 1
echo "formatting: ${#sources[@]} files as they should be"

[ "${1:-}" = format ] && exit 0
command -v clang-tidy >/dev/null || { echo "clang-tidy is missing: apt-get install clang-tidy" >&2; exit 1; }
cmake --preset dev --log-level=WARNING >/dev/null || exit 1
cmake --build --preset dev --target formats_proto >/dev/null || exit 1  # The headers it generates.
mapfile -t units < <(git ls-files '*.cc' | grep -vE '^test/(compile_fail|adapters/fake_http)/')
# Warnings are g++'s; of clang's own only what does not compile counts.
printf '%s\n' "${units[@]}" |
  xargs -P "$(nproc)" -n 4 clang-tidy -p build/dev --extra-arg=-Wno-error --quiet
