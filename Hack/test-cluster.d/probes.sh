# shellcheck shell=bash
# Probes that the agent makes in the kubelet's place, and applications that do not start before their proxy serves.

# probed_pod NAMESPACE NAME KIND…: a Pod with a container for each kind of probe (http, tcp, grpc), which does nothing:
# healthy.py answers, in the Pod's network. The application waits for its proxy.
probed_pod() {
    local kind action containers=''
    for kind in "${@:3}"; do
        case $kind in
        http) action='"httpGet": {"path": "/healthy", "port": 8081}' ;;
        tcp) action='"tcpSocket": {"port": 8082}' ;;
        grpc) action='"grpc": {"port": 8083}' ;;
        esac
        containers+="{\"name\": \"$kind\", \"image\": \"docker.io/local/busybox:1\",
          \"command\": [\"/bin/sleep\", \"1000000\"], \"securityContext\": {\"runAsUser\": 1000},
          \"readinessProbe\": {$action, \"periodSeconds\": 1, \"failureThreshold\": 1, \"timeoutSeconds\": 5}},"
    done
    cat <<END
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "$2", "namespace": "$1", "labels": {"app": "$2"}, "annotations": {
  "proxy.istio.io/config": "{\"holdApplicationUntilProxyStarts\": true}",
  "readiness.status.sidecar.istio.io/periodSeconds": "1"}},
 "spec": {"terminationGracePeriodSeconds": 1, "containers": [${containers%,}]}}
END
}

# The application of a Pod: it is started, says how it is, and ends. A process of this machine in the Pod's network.
application=''
application_starts() {
    local pid
    pid=$(process_of "$1" "app=$2" istio-proxy) || return 1
    : >"$work/healthy.log"
    nsenter --target "$pid" --net Hack/test-cluster.d/healthy.py >"$work/healthy.log" 2>&1 &
    application=$!
    within 10 "the application listens" last_said well
}
application_is() {
    local signal=USR2
    [ "$1" = well ] || signal=USR1
    act kill -s $signal "$application"
    within 10 "the application is $1" last_said "$1"
}
application_ends() {
    act kill "$application"
    wait "$application" 2>/dev/null
}
last_said() {
    local found
    found=$(cat "$work/healthy.log")
    echo "$found"
    [ "$(tail -n 1 <<<"$found")" = "$1" ]
}

# ready_are NAMESPACE NAME true|false KIND…: whether these containers of a Pod are all ready, or all are not.
ready_are() {
    local kind found
    found=" $(kubectl -n "$1" get pod "$2" -o 'jsonpath={range .status.containerStatuses[*]}{.name}={.ready} {end}')"
    echo "ready are:$found"
    for kind in "${@:4}"; do [[ $found == *" $kind=$3 "* ]] || return 1; done
}
# failed_probes NAMESPACE NAME KIND…: the kubelet told of a failed probe of each: by the agent's answer, not by none.
failed_probes() {
    local kind found
    found=$(kubectl -n "$1" get events --field-selector "involvedObject.name=$2,reason=Unhealthy" \
        -o 'jsonpath={range .items[*]}{.involvedObject.fieldPath} {.message}{"\n"}{end}')
    echo "$found"
    for kind in "${@:3}"; do
        grep -F "spec.containers{$kind} " <<<"$found" | grep -q 'Readiness probe failed: .*statuscode: 500' || return 1
    done
}

# probes_tell NAMESPACE NAME KIND…
probes_tell() {
    within 60 "nothing listens: the kubelet's probes reach the agent and fail: ${*:3}" failed_probes "$@"
    check "and the containers are not ready" ready_are "$1" "$2" false "${@:3}"
    application_starts "$1" "$2"
    within 10 "the containers are ready" ready_are "$1" "$2" true "${@:3}"
    within 10 "and so is the Pod" equals_in "$1" "pod/$2" '{.status.conditions[?(@.type=="Ready")].status}' True
    application_is ill
    within 10 "the containers are not ready" ready_are "$1" "$2" false "${@:3}"
    within 10 "and the Pod is not" equals_in "$1" "pod/$2" '{.status.conditions[?(@.type=="Ready")].status}' False
    application_is well
    within 10 "the containers are ready again" ready_are "$1" "$2" true "${@:3}"
    application_ends
    within 10 "and are not when it is gone" ready_are "$1" "$2" false "${@:3}"
}

mesh_is_probed() {
    section "probes"
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    act kubectl apply -f <(probed_pod $mesh probed http tcp)
    probes_tell $mesh probed http tcp
    act kubectl -n $mesh delete pod probed

    section "probes of a Pod that apus kube-inject gave its sidecar"
    # The only way to a gRPC probe here: this Kubernetes knows none, and sees none.
    probed_pod $mesh injected http tcp grpc >"$work/probed.json"
    if "$(apus_program)" kube-inject -f "$work/probed.json" -o "$work/injected.yaml" --kubernetes-version 1.20 \
        >"$work/inject.log" 2>&1; then
        act kubectl apply -f "$work/injected.yaml"
        probes_tell $mesh injected http tcp grpc
        act kubectl -n $mesh delete pod injected
    else
        fails "apus kube-inject gives a sidecar" "$(cat "$work/inject.log")"
    fi
    act kubectl -n $mesh delete peerauthentication default
}

mesh_holds_applications() {
    section "an application that waits for its proxy"
    # It calls at once, a single time, and is not started again.
    act kubectl apply -f - <<END
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "prompt", "namespace": "$mesh", "labels": {"app": "prompt"},
  "annotations": {"proxy.istio.io/config": "{\"holdApplicationUntilProxyStarts\": true}"}},
 "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [
  {"name": "prompt", "image": "docker.io/local/busybox:1", "securityContext": {"runAsUser": 1000},
   "command": ["/bin/sh", "-c", $(json_text "$ONE_CALL && exec sleep 1000000")]}]}}
END
    within 60 "its very first call is answered, and was mutual TLS" says \
        "URI=spiffe://cluster.local/ns/$mesh/sa/default" kubectl -n $mesh logs prompt -c prompt
    within 20 "it is Ready" equals_in $mesh pod/prompt '{.status.conditions[?(@.type=="Ready")].status}' True
    act kubectl -n $mesh delete pod prompt
}
