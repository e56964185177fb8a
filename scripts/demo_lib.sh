# How the demo tells its story: headings, commands and their output, checks, a stream of requests.
# Needs $scratch, a directory of its own.

export LC_ALL=C.UTF-8  # Lines are measured in characters.
poll=0.2               # Seconds between two looks at what is awaited.
width=120              # Longer lines are cut, or wrapped.
bold= dim= green= red= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi
checks=0

heading() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*"; }

# ok WHAT [ADDITION]
ok() {
  checks=$((checks + 1))
  printf '%s  ok%s  %s%s\n' "$green" "$plain" "$1" "${2:+ $dim($2)$plain}"
}

# failed WHAT EXPECTED GOT: ends the demo.
failed() {
  printf '%s  FAILED%s  %s\n          expected %s\n          got      %s\n' "$red" "$plain" "$1" \
    "${2:-nothing}" "${3:-nothing}"
  exit 1
}

cut_lines() {
  local line
  while IFS= read -r line; do
    [ ${#line} -le "$width" ] || line=${line:0:width-1}…
    printf '%s\n' "$line"
  done
}

# What is too long goes on below, and the branches of a tree with it.
wrap_lines() {
  local line head branches
  while IFS= read -r line; do
    branches=${line%%[!│├└─~ ]*}
    branches=${branches//[└─~]/ }
    branches=${branches//├/│}
    while [ ${#line} -gt "$width" ]; do
      head=${line:0:width}
      [[ ${head:${#branches}+2} != *" "* ]] || head=${head% *}
      printf '%s\n' "$head"
      line=${line:${#head}}
      line="$branches  ${line# }"
    done
    printf '%s\n' "$line"
  done
}

# show COMMAND: the command line as one would type it, and what it prints. Its whole output is left
# in $shown.
show() { show_through cut_lines "$1"; }
show_wrapped() { show_through wrap_lines "$1"; }
show_through() {
  local code=0
  printf '%s$ %s%s\n' "$dim" "$2" "$plain"
  shown=$(eval "$2" 2>&1) || code=$?
  [ -z "$shown" ] || "$1" <<<"$shown"
  [ "$code" = 0 ] || failed "the command ends well" "exit code 0" "exit code $code"
}

# expect WHAT EXPECTED GOT
expect() { [ "$2" = "$3" ] && ok "$1" || failed "$@"; }

# expect_words WHAT PATTERN...: lines of $shown, in any order; PATTERN is an extended regular expression.
expect_words() {
  local what=$1 pattern
  shift
  for pattern in "$@"; do
    grep -qE -- "$pattern" <<<"$shown" || failed "$what" "a line like $pattern" "the output above"
  done
  ok "$what"
}

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# await WHAT EXPECTED SECONDS COMMAND...: until its output is EXPECTED.
await() {
  local what=$1 expected=$2 seconds=$3 begun got now
  shift 3
  begun=$(milliseconds)
  while true; do
    got=$("$@" 2>&1)
    now=$(milliseconds)
    if [ "$got" = "$expected" ]; then
      ok "$what" "$(awk -v ms=$((now - begun)) 'BEGIN { printf "%.1f s", ms / 1000 }')"
      return
    fi
    [ $((now - begun)) -lt $((seconds * 1000)) ] || failed "$what, within $seconds s" "$expected" "$got"
    alive
    sleep "$poll"
  done
}

# lasts WHAT EXPECTED SECONDS COMMAND...: its output is EXPECTED all the time.
lasts() {
  local what=$1 expected=$2 seconds=$3 end got
  shift 3
  end=$(($(milliseconds) + seconds * 1000))
  while [ "$(milliseconds)" -lt "$end" ]; do
    got=$("$@" 2>&1)
    [ "$got" = "$expected" ] || failed "$what" "$expected" "$got"
    sleep "$poll"
  done
  ok "$what" "watched for $seconds s"
}

# ask PATH BODY: the answer of the application behind the serve Service.
ask() {
  curl -sS --max-time 10 -X POST -H 'Content-Type: application/json' -w ' %{http_code}\n' \
    "$SERVE$1" -d "$2" 2>&1 | tr '\n' ' ' | sed 's/ 200 $//'
}

# A stream of requests in the background: one line for each, what came back.
start_requests() {
  : >"$scratch/requests"
  touch "$scratch/asking"
  counted=0
  while [ -e "$scratch/asking" ]; do
    printf '%(%T)T %s\n' -1 "$(ask "$@")"
    sleep 0.05
  done >>"$scratch/requests" 2>&1 &
  requests=$!
}

stop_requests() {
  rm -f "$scratch/asking"
  [ -z "${requests:-}" ] || wait "$requests"
  requests=
}

# expect_answers DURING ANSWER...: since the last look each request had one of these answers.
expect_answers() {
  local during=$1 lines total pattern lost
  shift
  pattern=$(IFS='|'; echo "$*")
  lines=$(tail -n +$((counted + 1)) "$scratch/requests")
  total=$(wc -l <<<"$lines")
  counted=$((counted + total))
  lost=$(grep -vE "^[0-9:]+ ($pattern)\$" <<<"$lines")
  [ -z "$lost" ] || failed "no request is lost $during" "answers of $pattern" \
    "$(wc -l <<<"$lost") others of $total, first: $(head -1 <<<"$lost")"
  [ "$total" -ge 10 ] || failed "requests are made $during" "10 at least" "$total"
  ok "$total requests $during, 0 lost"
}
