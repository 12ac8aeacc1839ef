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
    Hack/cluster enter --name "$CLUSTER" "$(node)" tcpdump -i cni0 -U -s 512 -w "$work/wire.pcap" \
        "tcp port 9080 and net $(pod_network)" >"$work/tcpdump.log" 2>&1 &
    local capture=$!
    within 5 "the wire is watched" grep -q listening "$work/tcpdump.log"
    RANDOM=$seed
    local victims=(app=ratings app=details app=productpage app=reviews,version=v1 app=reviews,version=v3 istiod)
    for ((run = 1; run <= runs; run++)); do
        victim=${victims[RANDOM % ${#victims[@]}]}
        if [ "$victim" = istiod ]; then
            kill_and_wait_for_control_plane || lost=$((lost + 1))
            continue
        fi
        restarts=$(restarts_of_proxy "$victim")
        pid=$(process_of $mesh "$victim" istio-proxy pilot-agent) || continue
        kill -9 "$pid"
        milliseconds_until proxy_restarted "$victim" "$restarts" >/dev/null || lost=$((lost + 1))
        took=$(milliseconds_until ready_again "$victim") || took=999999
        [ "$took" -le "$slowest" ] || slowest=$took
        echo "        run $run: $victim was ready after $took ms"
        # A Pod of its own for the next kill: the kubelet's back-off is not what is measured here.
        kubectl -n $mesh delete pods -l "$victim" --wait=false >/dev/null
        milliseconds_until all_available $mesh >/dev/null
    done
    at_most "ready within 5 s of the kubelet's restart, each time: the slowest" 5000 60000 "$slowest"
    check "each was seen to be started again, and the control plane to be back" test "$lost" = 0
    page $mesh ratings:9080/x >/dev/null
    ends_watching "$capture"
    check "and on the wire there is TLS alone" no_plaintext_in "$work/wire.pcap"
    act kubectl -n $mesh delete peerauthentication default
}
ready_again() {
    [ "$(kubectl -n $mesh get pods -l "$1" -o \
        'jsonpath={.items[0].status.containerStatuses[?(@.name=="istio-proxy")].ready}')" = true ] && envoy_answers "$1"
}
kill_and_wait_for_control_plane() {
    local pid took
    pid=$(process_of "$namespace_of_iop" app=istiod discovery pilot-discovery) || return 0
    kill -9 "$pid"
    took=$(milliseconds_until istiod_is_ready) || return 1
    kubectl -n "$namespace_of_iop" delete pods -l app=istiod --wait=false >/dev/null
    milliseconds_until istiod_is_ready >/dev/null
    [ "$took" -le 60000 ]
}
# ends_watching PROCESS: of tcpdump, or of what started it.
ends_watching() {
    act kill "$(pgrep -P "$1" tcpdump || echo "$1")"
    wait "$1"
}
# The range of the Pods of the only node.
pod_network() { kubectl get nodes -o 'jsonpath={.items[0].spec.podCIDR}'; }
# What is said on the services' port is TLS, never HTTP in the clear, but where a Pod from outside the mesh is one of the two.
no_plaintext_in() {
    local strangers found
    [ -s "$1" ] || {
        echo "nothing was captured"
        return 1
    }
    strangers=$(kubectl -n $outside get pods -o 'jsonpath={range .items[*]}{.status.podIP} {end}')
    found=$(tcpdump -nn -A -r "$1" 2>/dev/null | awk -v strangers="$strangers" '
        BEGIN { n = split(strangers, list, " "); for (i = 1; i <= n; i++) outside[list[i]] = 1 }
        / IP / { split($3, a, "."); split($5, b, "."); from = a[1]"."a[2]"."a[3]"."a[4]; to = b[1]"."b[2]"."b[3]"."b[4] }
        /HTTP\/1\.[01]/ { if (!outside[from] && !outside[to]) print from, to, $0 }' | head -n 5)
    echo "$found"
    [ -z "$found" ]
}
