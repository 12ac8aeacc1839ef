# shellcheck shell=bash
# How a check is made, counted and explained.

passed=0
failed=0

# check TEXT COMMAND…: the command's success, now.
check() { within 0 "$@"; }

# within SECONDS TEXT COMMAND…: polls until the command succeeds; says how long that took, or what the last try said.
within() {
    local limit=$1 text=$2 began now out
    shift 2
    began=$(date +%s%N)
    while :; do
        if out=$("$@" 2>&1); then
            now=$(date +%s%N)
            printf 'ok      %s (%d ms)\n' "$text" $(((now - began) / 1000000))
            passed=$((passed + 1))
            return 0
        fi
        now=$(date +%s%N)
        if [ $(((now - began) / 1000000)) -ge $((limit * 1000)) ]; then break; fi
        sleep 0.1
    done
    printf 'FAILED  %s (waited %d s)\n' "$text" "$limit"
    printf '%s\n' "$out" | tail -n 12 | sed 's/^/        /'
    failed=$((failed + 1))
    explain
    return 0
}

# act COMMAND…: changes something, quietly; a change that is refused is a failed check.
act() {
    local out
    if ! out=$("$@" 2>&1); then
        printf 'FAILED  %s\n        %s\n' "$*" "$out"
        failed=$((failed + 1))
    fi
}

# section TEXT: its first failure shows what to look at.
explained=no
section() {
    echo "== $1"
    explained=no
}

# What to look at after a failure, in the namespaces of the operator and of the control plane.
explain() {
    [ "$explained" = no ] || return 0
    explained=yes
    local namespace pod
    for namespace in "$operator_namespace" "$namespace_of_iop"; do
        printf '        --- %s\n' "$namespace"
        kubectl -n "$namespace" get iop,deployments,pods -o wide 2>&1 | sed 's/^/        /'
        kubectl -n "$namespace" get events --sort-by=.lastTimestamp 2>&1 | tail -n 8 | sed 's/^/        /'
    done
    for pod in $(kubectl -n "$operator_namespace" get pods -o name); do
        kubectl -n "$operator_namespace" logs "$pod" --tail=12 2>&1 | sed 's/^/        /'
    done
}
