# shellcheck shell=bash
# What goes on working when parts are taken away, and how soon they are back.

# milliseconds_until COMMAND…: how long until it succeeds, at most a minute.
milliseconds_until() {
    local began
    began=$(date +%s%N)
    until "$@" >/dev/null 2>&1; do
        [ $(($(date +%s%N) - began)) -lt 60000000000 ] || return 1
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
    echo "        Envoy answers again after ${took:-more than 60,000} ms"
    check "the agent has it back within 1 s" test "${took:-99999}" -le 1000
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
    echo "        ratings answers ${took:-more than 60,000} ms after its container was seen started"
    check "ready within 5 s of that" test "${took:-99999}" -le 5000
    check "and refuses plaintext" no_page $outside ratings.$mesh:9080/x
    act kubectl -n $mesh delete peerauthentication default

    section "the control plane away"
    act kubectl -n "$namespace_of_iop" annotate iop "$iop" install.istio.io/ignoreReconcile=true
    act kubectl -n "$namespace_of_iop" patch hpa istiod -p '{"spec": {"minReplicas": 1}}'
    act kubectl -n "$namespace_of_iop" scale deployment/istiod --replicas=0
    within 30 "istiod is gone" gone -n "$namespace_of_iop" pods -l app=istiod
    load $mesh reviews --seconds "${OUTAGE_SECONDS:-30}" --rate 100 >"$work/away.json"
    check "no request failed in ${OUTAGE_SECONDS:-30} s without it" json_holds "$work/away.json" 'o["failed"] == 0'
    pid=$(process_of $mesh app=ratings istio-proxy envoy)
    act kill -9 "$pid"
    within 5 "an Envoy that restarts meanwhile serves what it knew" page_says $mesh ratings:9080/x '^ratings-v1'
    act kubectl -n "$namespace_of_iop" scale deployment/istiod --replicas=1
    act kubectl -n "$namespace_of_iop" annotate iop "$iop" install.istio.io/ignoreReconcile-
    within 60 "it is back" istiod_is_ready
}
proxy_restarted() { [ "$(restarts_of_proxy "$1")" -gt "$2" ]; }

# Certificates that live a minute, and requests all the while.
certificates_rotate_under_load() {
    section "rotation"
    act kubectl -n $mesh patch deployment reviews-v1 -p '{"spec": {"template": {"metadata": {"annotations":
        {"proxy.istio.io/config": "{\"proxyMetadata\": {\"SECRET_TTL\": \"60s\"}}"}}}}}'
    within 60 "reviews-v1 is back with certificates of a minute" all_available $mesh
    within 10 "its certificate says so" certificate_lives_at_most app=reviews,version=v1 90
    local before
    before=$(certificate_serial app=reviews,version=v1)
    load $mesh reviews --requests 10000 --rate 120 --connections 8 >"$work/rotation.json"
    check "10,000 requests, none failed" json_holds "$work/rotation.json" 'o["failed"] == 0 and o["requests"] >= 10000'
    check "and the certificate is another" another_certificate app=reviews,version=v1 "$before"
}
certificate_field() {
    in_pod $mesh "$1" istio-proxy curl -s --max-time 5 http://127.0.0.1:15000/certs | python3 -c '
import json, sys
chains = [c for e in json.load(sys.stdin)["certificates"] for c in e.get("cert_chain", [])]
print(chains[0][sys.argv[1]])' "$2"
}
certificate_serial() { certificate_field "$1" serial_number; }
another_certificate() { [ "$(certificate_serial "$1")" != "$2" ]; }
certificate_lives_at_most() {
    local until
    until=$(certificate_field "$1" expiration_time) || return 1
    echo "until $until"
    [ $(($(date -d "$until" +%s) - $(date +%s))) -le "$2" ]
}

# Agents and the control plane are killed at random, APUS_RUNS times with the seed APUS_SEED, while the client asks and
# everything on the node's bridge is written down.
kills_are_survived() {
    local runs=${APUS_RUNS:-3} seed=${APUS_SEED:-1} run victim restarts pid took slowest=0 slow=0 unseen=0
    section "kills at random: $runs of seed $seed"
    apt_install tcpdump
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    within 10 "STRICT holds before" no_page $outside ratings.$mesh:9080/x
    Hack/cluster enter --name "$CLUSTER" "$(node)" tcpdump -i cni0 -U -s 512 -w "$work/wire.pcap" \
        "tcp port 9080 and net $(pod_network $mesh)" 2>"$work/tcpdump.log" &
    local capture=$!
    RANDOM=$seed
    local victims=(app=ratings app=details app=productpage app=reviews,version=v1 app=reviews,version=v3 istiod)
    for ((run = 1; run <= runs; run++)); do
        victim=${victims[RANDOM % ${#victims[@]}]}
        if [ "$victim" = istiod ]; then
            kill_and_wait_for_control_plane || slow=$((slow + 1))
            continue
        fi
        restarts=$(restarts_of_proxy "$victim")
        pid=$(process_of $mesh "$victim" istio-proxy pilot-agent) || continue
        kill -9 "$pid"
        milliseconds_until proxy_restarted "$victim" "$restarts" >/dev/null || unseen=$((unseen + 1))
        took=$(milliseconds_until ready_again "$victim") || took=99999
        [ "$took" -le "$slowest" ] || slowest=$took
        if [ "$took" -gt 5000 ]; then
            slow=$((slow + 1))
            echo "        run $run: $victim was ready after $took ms"
        fi
        # A Pod of its own for the next kill: the kubelet's back-off is not what is measured here.
        kubectl -n $mesh delete pods -l "$victim" --wait=false >/dev/null
        milliseconds_until all_available $mesh >/dev/null
    done
    check "ready within 5 s of the kubelet's restart, each time (slowest $slowest ms)" test $((slow + unseen)) = 0
    page $mesh ratings:9080/x >/dev/null
    act kill "$(pgrep -P "$capture" tcpdump || echo "$capture")"
    wait "$capture"
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
