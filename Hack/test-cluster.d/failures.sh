# shellcheck shell=bash
# What goes on working when parts are taken away, and how soon they are back.

# milliseconds_until COMMAND…: how long until it succeeds, at most three minutes.
milliseconds_until() {
    local began
    began=$(date +%s%N)
    until "$@" >/dev/null 2>&1; do
        [ $(($(date +%s%N) - began)) -lt 180000000000 ] || return 1
        sleep 0.02
    done
    echo $((($(date +%s%N) - began) / 1000000))
}

envoy_answers() {
    in_pod $mesh "$1" istio-proxy curl -sf --max-time 1 http://127.0.0.1:15000/ready
}
restarts_of_proxy() {
    kubectl -n $mesh get pods -l "$1" -o 'jsonpath={.items[0].status.containerStatuses[?(@.name=="istio-proxy")].restartCount}'
}
another_envoy_answers() {
    local pid
    pid=$(process_of $mesh "$1" istio-proxy envoy) && [ "$pid" != "$2" ] && envoy_answers "$1"
}

failures_are_survived() {
    section "a killed Envoy"
    local pid took restarts
    pid=$(process_of $mesh app=ratings istio-proxy envoy)
    restarts=$(restarts_of_proxy app=ratings)
    act kill -9 "$pid"
    took=$(milliseconds_until another_envoy_answers app=ratings "$pid")
    at_most "the agent has it back within 1 s" 1000 30000 "$took"
    check "without a restart of the container" test "$(restarts_of_proxy app=ratings)" = "$restarts"
    within 5 "and ratings answers" page_says $mesh ratings:9080/x '^ratings-v1'

    section "a killed agent"
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    within 10 "STRICT holds before" no_page $outside ratings.$mesh:9080/x
    pid=$(process_of $mesh app=ratings istio-proxy pilot-agent)
    act kill -9 "$pid"
    check "plaintext is refused while it is away" no_page $outside ratings.$mesh:9080/x
    within 30 "the container is started again" proxy_restarted app=ratings "$restarts"
    took=$(milliseconds_until page_says $mesh ratings:9080/x '^ratings-v1')
    at_most "ratings answers within 5 s of that" 5000 60000 "$took"
    check "and refuses plaintext" no_page $outside ratings.$mesh:9080/x
    act kubectl -n $mesh delete peerauthentication default

    section "the control plane away"
    local outage=${OUTAGE_SECONDS:-30} before
    # Due for renewal while nobody is there to renew it, and good for longer than that.
    certificates_live deployment/reviews-v2 $((outage + 120))
    within 180 "reviews-v2 has a certificate that is due meanwhile" rolled_out $mesh
    before=$(certificate_serial app=reviews,version=v2)
    act kubectl -n "$namespace_of_iop" annotate iop "$iop" install.istio.io/ignoreReconcile=true
    act kubectl -n "$namespace_of_iop" patch hpa istiod -p '{"spec": {"minReplicas": 1}}'
    act kubectl -n "$namespace_of_iop" scale deployment/istiod --replicas=0
    within 90 "istiod is gone" gone -n "$namespace_of_iop" pods -l app=istiod
    # Envoy closes them when it has drained what another policy replaced, and what is asked just then is lost.
    within 90 "connections of before the last change of policy are gone" nothing_drains
    load $mesh reviews --seconds "$outage" --rate 100 >"$work/away.json"
    check "no request failed in $outage s without it" json_holds "$work/away.json" 'o["failed"] == 0'
    pid=$(process_of $mesh app=ratings istio-proxy envoy)
    act kill -9 "$pid"
    within 30 "an Envoy that restarts meanwhile serves what it knew" page_says $mesh ratings:9080/x '^ratings-v1'
    act kubectl -n "$namespace_of_iop" scale deployment/istiod --replicas=1
    act kubectl -n "$namespace_of_iop" annotate iop "$iop" install.istio.io/ignoreReconcile-
    within 90 "it is back" istiod_is_ready
    within 120 "and so is the certificate that was due: another one" another_certificate app=reviews,version=v2 "$before"
    check "reviews answers" page_says $mesh reviews:9080/x '^reviews-v'
}
nothing_drains() {
    local version found
    for version in v1 v2 v3; do
        found=$(in_pod $mesh "app=reviews,version=$version" istio-proxy curl -s --max-time 5 \
            'http://127.0.0.1:15000/stats?filter=^listener_manager.total_(filter_chains|listeners)_draining$')
        echo "reviews-$version: $found"
        [ "$(grep -c ': 0$' <<<"$found")" = 2 ] || return 1
    done
}
proxy_restarted() { [ "$(restarts_of_proxy "$1")" -gt "$2" ]; }

# Agents and the control plane are killed at random, APUS_RUNS times with the seed APUS_SEED, while the client asks and
# everything on the node's bridge is written down.
kills_are_survived() {
    local runs=${APUS_RUNS:-3} seed=${APUS_SEED:-1} run victim restarts pid took slowest=0 lost=0
    section "kills at random: $runs of seed $seed"
    apt_install tcpdump
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    within 10 "STRICT holds before" no_page $outside ratings.$mesh:9080/x
    Hack/cluster enter --name "$CLUSTER" "$(node)" tcpdump -i cni0 -U -s 0 -B 16384 -w "$work/wire.pcap" \
        "tcp port 9080 and net $(pod_network)" >"$work/tcpdump.log" 2>&1 &
    local capture=$!
    within 5 "the wire is watched" grep -q listening "$work/tcpdump.log"
    # Calls of the client, each with one of productpage: they may fail, but must not leave in plaintext.
    rm -f "$work/enough"
    load $mesh productpage --path /productpage --rate 20 --until "$work/enough" >"$work/kills.json" &
    local loading=$! strangers
    RANDOM=$seed
    local victims=("app=ratings" "app=details" "app=productpage" "app=reviews,version=v1" "app=reviews,version=v3" istiod)
    for ((run = 1; run <= runs; run++)); do
        victim=${victims[RANDOM % ${#victims[@]}]}
        if [ "$victim" = istiod ]; then
            took=$(control_plane_is_killed) || lost=$((lost + 1))
        else
            took=$(agent_is_killed "$victim") || lost=$((lost + 1))
        fi
        echo "        run $run: $victim was ready after ${took:-no end of} ms"
        [ "${took:-999999}" -le "$slowest" ] || slowest=${took:-999999}
    done
    at_most "ready within 5 s of the kubelet's restart, each time: the slowest" 5000 60000 "$slowest"
    check "each was seen to be started again" test "$lost" = 0
    touch "$work/enough"
    wait "$loading"
    check "all the while there were calls, and most were answered" json_holds "$work/kills.json" \
        'o["requests"] >= 100 and 2 * o["statuses"].get("200", 0) > o["requests"]'
    ends_watching "$capture"
    strangers=$(except_pods_of $outside)
    # Connections of before were not seen from their beginning.
    # shellcheck disable=SC2086
    check "and on the wire there is TLS alone" Hack/test-cluster.d/wire.py "$work/wire.pcap" --ports 9080 --partly $strangers
    act kubectl -n $mesh delete peerauthentication default
}
# agent_is_killed WORKLOAD, control_plane_is_killed: in how many milliseconds it is ready once the kubelet has started it
# again. The next to be killed has a Pod of its own: the kubelet's back-off is not what is measured here.
agent_is_killed() {
    local restarts pid
    restarts=$(restarts_of_proxy "$1")
    pid=$(process_of $mesh "$1" istio-proxy pilot-agent) || return 1
    kill -9 "$pid"
    milliseconds_until proxy_restarted "$1" "$restarts" >/dev/null || return 1
    milliseconds_until proxy_is_ready "$1" || return 1
    kubectl -n $mesh delete pods -l "$1" --wait=false >/dev/null
    milliseconds_until all_available $mesh >/dev/null
}
proxy_is_ready() {
    [ "$(kubectl -n $mesh get pods -l "$1" -o \
        'jsonpath={.items[0].status.containerStatuses[?(@.name=="istio-proxy")].ready}')" = true ] && envoy_answers "$1"
}
control_plane_is_killed() {
    local restarts pid
    restarts=$(of_control_plane restartCount)
    pid=$(process_of "$namespace_of_iop" app=istiod discovery pilot-discovery) || return 1
    kill -9 "$pid"
    milliseconds_until control_plane_restarted "$restarts" >/dev/null || return 1
    milliseconds_until control_plane_is_ready || return 1
    kubectl -n "$namespace_of_iop" delete pods -l app=istiod --wait=false >/dev/null
    milliseconds_until control_plane_is_ready >/dev/null
}
# of_control_plane FIELD: of the status of its first container, in the Pod that is not about to end.
of_control_plane() {
    kubectl -n "$namespace_of_iop" get pods -l app=istiod -o go-template='{{range .items}}
        {{- if not .metadata.deletionTimestamp}}{{range .status.containerStatuses}}{{.'"$1"'}} {{end}}{{end}}{{end}}' | cut -d' ' -f1
}
control_plane_restarted() { [ "$(of_control_plane restartCount)" -gt "$1" ]; }
control_plane_is_ready() { [ "$(of_control_plane ready)" = true ]; }
# ends_watching PROCESS: of tcpdump, or of what started it.
ends_watching() {
    act kill "$(pgrep -P "$1" tcpdump || echo "$1")"
    wait "$1"
}
# The range of the Pods of the only node.
pod_network() { kubectl get nodes -o 'jsonpath={.items[0].spec.podCIDR}'; }
# except_pods_of NAMESPACE: as arguments of wire.py, for callers from outside the mesh.
except_pods_of() { kubectl -n "$1" get pods -o 'jsonpath={range .items[*]}--except={.status.podIP} {end}'; }
