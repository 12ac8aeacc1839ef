# shellcheck shell=bash
# How a check is made, counted and explained.

passed=0
failed=0
slow=0
# With --strict what comes later than wanted is a failure.
strict=${strict:-no}

# check TEXT COMMAND…: the command's success, now.
check() { poll 0 0 "$@"; }

# within SECONDS TEXT COMMAND…: polls until the command succeeds; says how long that took, or what the last try said.
# SECONDS are what is wanted of a machine that does nothing else. Another is given twice as long and a minute at least:
# what comes in that time is right, and told to be slow. Where one thing after the other fails nobody is waited for.
within() {
    local wanted=$1 limit
    shift
    limit=$((wanted * 2 > 60 ? wanted * 2 : 60))
    if [ "$strict" = yes ] || [ "$failed_here" -ge 3 ]; then limit=$wanted; fi
    poll "$wanted" "$limit" "$@"
}

# at_most TEXT WANTED BOUND FIGURE [UNIT]: what was measured, and what is wanted of a machine that does nothing else; up to
# the bound it is slow, not wrong. No figure is wrong.
at_most() {
    local bound=$3
    [ "$strict" = no ] || bound=$2
    if [ -z "$4" ] || [ "$4" -gt "$bound" ]; then
        fails "$1" "it is ${4:-no end of} ${5:-ms}; wanted are $2, allowed $bound"
    else
        passes "$1" "$4" "$2" "${5:-ms}"
    fi
}

# poll WANTED LIMIT TEXT COMMAND…
poll() {
    local wanted=$1 limit=$2 text=$3 began took out
    shift 3
    began=$(date +%s%N)
    while :; do
        if out=$("$@" 2>&1); then
            took=$((($(date +%s%N) - began) / 1000000))
            if [ "$wanted" = 0 ]; then passes "$text" "$took" "$took"; else passes "$text" "$took" $((wanted * 1000)); fi
            return 0
        fi
        took=$((($(date +%s%N) - began) / 1000000))
        if [ "$took" -ge $((limit * 1000)) ]; then break; fi
        sleep 0.1
    done
    [ "$limit" = 0 ] || text+=" (waited $((took / 1000)) s)"
    fails "$text" "${out:-nothing was said by: $*}"
}

# passes TEXT FIGURE WANTED [UNIT]
passes() {
    passed=$((passed + 1))
    if [ "$2" -le "$3" ]; then
        printf 'ok      %s (%d %s)\n' "$1" "$2" "${4:-ms}"
    else
        slow=$((slow + 1))
        printf 'slow    %s (%d %s, wanted %d)\n' "$1" "$2" "${4:-ms}" "$3"
    fi
}

# fails TEXT WHAT-WAS-SEEN
fails() {
    failed=$((failed + 1))
    failed_here=$((failed_here + 1))
    printf 'FAILED  %s\n' "$1"
    tail -n 12 <<<"$2" | cut -c1-300 | sed 's/^/        /'
    explain
}

# act COMMAND…: changes something, quietly; a change that is refused is a failed check.
act() {
    local out
    out=$("$@" 2>&1) || fails "$(tr -s ' \n' ' ' <<<"$*" | cut -c1-200)" "${out:-it says nothing}"
}

# section TEXT: its first failure shows what to look at.
explained=no
failed_here=0
section() {
    echo "== $1"
    explained=no
    failed_here=0
}

# What to look at after a failure: Pods and events of the namespaces of this test, and what programs said last.
explain() {
    [ "$explained" = no ] || return 0
    explained=yes
    local namespace
    for namespace in "$operator_namespace" "$namespace_of_iop" "$mesh" "$outside" "$quorum" "$quorum_alone"; do
        if quickly get namespace "$namespace" -o name >/dev/null 2>&1; then explain_namespace "$namespace"; fi
    done 2>&1 | cut -c1-300 | sed 's/^/        /'
}
explain_namespace() {
    local pods pod container unready=0
    printf -- '--- %s\n' "$1"
    quickly -n "$1" get iop,deployments,statefulsets --no-headers 2>/dev/null | head -n 15
    quickly -n "$1" get pods -o wide --no-headers | awk '{ NF = 6; print }' | head -n 20
    quickly -n "$1" get events --sort-by=.lastTimestamp --no-headers | grep -v ' Normal ' | tail -n 6
    pods=$(quickly -n "$1" get pods -o go-template='{{range .items}}{{$pod := .metadata.name}}{{range .spec.containers}}{{$pod}} {{.name}}{{"\n"}}{{end}}{{end}}')
    while read -r pod container; do
        [ -n "$container" ] || continue
        if [ "$1" = "$operator_namespace" ] || [ "$1" = "$namespace_of_iop" ]; then
            # JSON lines; what went well is of no interest here.
            quickly -n "$1" logs "$pod" -c "$container" --tail=400 | grep -E '"level":"(warn|warning|error|critical)"|^[^{]' |
                tail -n 5 | sed "s/^/$pod: /"
        elif [ "$unready" -lt 4 ] && [ "$(ready_of "$1" "$pod" "$container")" != true ]; then
            unready=$((unready + 1))
            echo "$pod $container: $(state_of "$1" "$pod" "$container")"
            quickly -n "$1" logs "$pod" -c "$container" --tail=5 | sed "s/^/$pod $container: /"
        fi
    done <<<"$pods"
}
quickly() { kubectl --request-timeout=20s "$@"; }
ready_of() { quickly -n "$1" get pod "$2" -o "jsonpath={.status.containerStatuses[?(@.name==\"$3\")].ready}"; }
state_of() {
    quickly -n "$1" get pod "$2" -o "jsonpath={.status.phase} {.status.initContainerStatuses[*].state} {.status.containerStatuses[?(@.name==\"$3\")].state} {.status.containerStatuses[?(@.name==\"$3\")].lastState}"
}
