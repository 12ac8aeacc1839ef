# shellcheck shell=bash
# What is asked of the cluster about the operator and what it installs.

field() { kubectl -n "$namespace_of_iop" get "$1" -o "jsonpath=$2"; }

# Of the spec as it is now: the word of an older generation says nothing about this one.
has_status() {
    local found
    found=$(field "iop/$iop" '{.status.status} {.status.observedGeneration}/{.metadata.generation}')
    echo "status is '$found': $(field "iop/$iop" '{.status.message}')"
    [[ $found =~ ^$1\ ([0-9]+)/([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
}
message_has() {
    local message
    message=$(field "iop/$iop" '{.status.message}')
    echo "message is '$message'"
    grep -qi -- "$1" <<<"$message"
}
istiod_is_ready() {
    local found
    found=$(field deployment/istiod '{.status.observedGeneration}/{.metadata.generation} {.status.readyReplicas}')
    echo "observed/generation and ready replicas: $found"
    [[ $found =~ ^([0-9]+)/([0-9]+)\ [1-9] ]] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
}
is_back() {
    local found
    found=$(field "$1" '{.metadata.uid}')
    [ -n "$found" ] && [ "$found" != "$2" ]
}
equals() {
    local found
    found=$(field "$1" "$2")
    echo "$1 $2 is '$found', not '$3'"
    [ -n "$found" ] && [ "$found" = "$3" ]
}
has_port() {
    local found
    found=$(field service/istiod '{.spec.ports[*].port}')
    echo "the ports are '$found'"
    [[ " $found " == *" $1 "* && " $found " != *" 19999 "* ]]
}
# says TEXT COMMAND…: the command succeeds, and a line of what it prints holds the text.
says() {
    local text=$1 out
    shift
    out=$("$@" 2>&1) || {
        echo "exit $?: $out"
        return 1
    }
    echo "$out"
    grep -qF -- "$text" <<<"$out"
}
# The path of apus, which is built if there is none.
apus_program() {
    [ -x .build/debug/apus ] || swift build --product apus >&2
    echo .build/debug/apus
}
finds_nothing_to_do() {
    local out
    out=$("$@" 2>/dev/null) || return 1
    echo "$out"
    [ -n "$out" ] && ! grep -vE '^(unchanged|later) ' <<<"$out"
}
gone() {
    local found
    found=$(kubectl get "$@" --ignore-not-found -o name) || return 1
    echo "still there: $found"
    [ -z "$found" ]
}

# "Kind namespace/name" of every object, but for what Kubernetes makes by itself.
everything() {
    local kinds
    kinds=$(kubectl api-resources --verbs=list -o name | grep -vE \
        -e '^(events|endpoints|endpointslices|leases|componentstatuses|pods|replicasets|controllerrevisions)(\.|$)' \
        -e '^(nodes|csinodes|flowschemas|prioritylevelconfigurations|apiservices)(\.|$)' | paste -sd,)
    kubectl get "$kinds" -A --ignore-not-found -o "$LISTED" |
        grep -vE '^(Secret|ServiceAccount|ConfigMap) [^ ]*/(.*-token-[a-z0-9]{5}|default|kube-root-ca\.crt)$' | sort -u
}
LISTED='jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}'

# Of what is there now and was not on the bare cluster: the operator's own, the definitions, the namespace, the mesh
# root. No more.
only_the_mesh_root_is_left() {
    local left
    local now
    now=$(everything) && [ -n "$now" ] || return 1
    left=$(comm -23 <(echo "$now") "$bare" | comm -23 - <(
        {
            kubectl get -k Manifests/Kustomize/default -o "$LISTED"
            kubectl get crd -l operator.istio.io/component=Base -o "$LISTED"
            echo "Namespace /$namespace_of_iop"
            printf 'Secret %s/%s\n' "$namespace_of_iop" istio-ca-secret "$namespace_of_iop" cacerts
        } | sort -u
    ))
    printf 'left behind:\n%s\n' "$left"
    [ -z "$left" ]
}
no_finalizers() {
    local all
    all=$(kubectl get namespaces,clusterroles,clusterrolebindings,secrets,configmaps,services,deployments,iop -A \
        -o 'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.finalizers}{"\n"}{end}') &&
        ! grep -F '[' <<<"$all"
}
logs_are_json() {
    kubectl -n "$operator_namespace" logs "deployment/$operator" --tail=200 | python3 -c '
import json, sys
for line in sys.stdin:
    try:
        json.loads(line)
    except ValueError:
        sys.exit(f"not JSON: {line.strip()}")'
}
# answers NAMESPACE POD PORT PATH [PATTERN]: status 200, and a body with a line like the pattern.
answers() {
    local body
    body=$(kubectl get --raw "/api/v1/namespaces/$1/pods/$2:$3/proxy$4") && grep -qE -- "${5:-}" <<<"$body"
}

# Resident memory in kB of the first process in the operator's container.
operator_rss() {
    local container pid
    container=$(kubectl -n "$operator_namespace" get pods -o 'jsonpath={.items[0].status.containerStatuses[0].containerID}')
    container=${container##*/}
    pid=$(grep -l -- "$container" /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 | sort -n | head -n 1)
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
}
rss_is_low() {
    local rss
    rss=$(operator_rss)
    echo "RSS is $rss kB"
    [ "$rss" -le "$OPERATOR_IDLE_LIMIT_KB" ]
}
