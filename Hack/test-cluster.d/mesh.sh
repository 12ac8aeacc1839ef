# shellcheck shell=bash
# The mesh as its users know it: Pods get sidecars, talk mutual TLS, are routed, measured and probed.

mesh=apus-test-mesh
outside=apus-test-outside
proxy_image() { echo "docker.io/apus/proxyv2:$(apus_version)"; }
node() { kubectl get nodes -o 'jsonpath={.items[0].metadata.name}'; }
# The workloads of the mesh, as selectors.
WORKLOADS=("app=client" "app=productpage" "app=ratings" "app=details"
    "app=reviews,version=v1" "app=reviews,version=v2" "app=reviews,version=v3")

# page NAMESPACE SERVICE[.NAMESPACE]:PORT/PATH [WORKLOAD]: what the client in a namespace is told, through its sidecar if it
# has one. Instead of the client, another workload with a container of its name may ask.
page() {
    local name=${2%%/*} host service namespace caller=${3:-client}
    host=${name%:*}
    service=${host%%.*}
    namespace=$1
    [ "$host" = "$service" ] || namespace=${host#*.}
    in_pod "$1" "app=$caller" "$caller" curl -sSf --max-time 5 --noproxy '*' -H "Host: $name" \
        "http://$(service_address "$namespace" "$service"):${name#*:}/${2#*/}" 2>&1
}
# page_says NAMESPACE SERVICE[.NAMESPACE]:PORT/PATH PATTERN [WORKLOAD]
page_says() {
    local body
    body=$(page "$1" "$2" "${4:-}") || {
        echo "no page: $body"
        return 1
    }
    echo "$body"
    grep -qE -- "$3" <<<"$body"
}
no_page() {
    local body
    if body=$(page "$1" "$2"); then
        echo "a page came: $body"
        return 1
    fi
}

# process_of NAMESPACE SELECTOR CONTAINER [PROGRAM]: the id, on this machine, of a container's first process, or of the
# first one of that program.
process_of() {
    local ids id pid
    # Not of a Pod that is about to end.
    ids=$(kubectl -n "$1" get pods -l "$2" -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}
        {{- range .status.containerStatuses}}{{if eq .name "'"$3"'"}}{{with .containerID}}{{.}} {{end}}{{end}}{{end}}{{end}}{{end}}')
    for id in $ids; do
        for pid in $(grep -l -- "${id##*/}" /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 | by_age); do
            if [ -z "${4:-}" ] || [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$4" ]; then
                echo "$pid"
                return 0
            fi
        done
    done
    echo "no process ${4:-} of container $3 in a Pod of $1 with $2, containers '$ids'" >&2
    return 1
}
# by_age: of the processes on standard input those that have not ended, the oldest first: numbers are given again.
by_age() {
    local pid
    while read -r pid; do
        # Behind the command's name, which is in parentheses, the state is the first field and the start the 20th.
        sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk -v pid="$pid" '$1 != "Z" && $1 != "X" { print $20, pid }'
    done | sort -n | cut -d' ' -f2
}
# in_pod NAMESPACE SELECTOR CONTAINER COMMAND…: a program of this machine in the network of a Pod.
in_pod() {
    local pid
    pid=$(process_of "$1" "$2" "$3") || return 1
    shift 3
    nsenter --target "$pid" --net "$@"
}
# One call of ratings as a script for busybox, whose wget is of no use here. Who hangs up early gets no answer.
ONE_CALL='{ printf "GET /x HTTP/1.1\r\nHost: ratings:9080\r\nConnection: close\r\n\r\n"; sleep 1; } |
    timeout 5 nc ratings 9080 | grep "^ratings-v1"'
json_text() { python3 -c 'import json, sys; print(json.dumps(sys.argv[1]))' "$1"; }
pod_address() { kubectl -n "$1" get pods -l "$2" -o 'jsonpath={.items[0].status.podIP}'; }
service_address() { kubectl -n "$1" get service "$2" -o 'jsonpath={.spec.clusterIP}'; }

# Every Deployment has its Pod, and no Pod of before is left.
all_available() {
    local found ending
    found=$(kubectl -n "$1" get deployments -o \
        'jsonpath={range .items[*]}{.metadata.name}={.status.availableReplicas}/{.status.updatedReplicas} {end}')
    ending=$(kubectl -n "$1" get pods -o \
        go-template='{{range .items}}{{if .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}') || return 1
    echo "$found, ending: '$ending'"
    [ -n "$found" ] && [ -z "$ending" ] && ! grep -qE '=([^1]|1/[^1])' <<<"$found"
}
every_pod_has_a_sidecar() {
    local found
    found=$(kubectl -n "$1" get pods -o \
        'jsonpath={range .items[*]}{.metadata.name}: {.spec.initContainers[*].name} {.spec.containers[*].name}{"\n"}{end}')
    echo "$found"
    [ -n "$found" ] && ! grep -v 'istio-proxy' <<<"$found"
}

# has_peer_authentication NAMESPACE SPEC: one object named default, which replaces the one before.
peer_authentication() {
    kubectl apply -f - <<END
{"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
 "metadata": {"name": "default", "namespace": "$1"}, "spec": $2}
END
}

mesh_starts() {
    section "injection"
    # Of a run before this one.
    kubectl delete namespace $mesh $outside --ignore-not-found --timeout=300s >/dev/null 2>&1
    act kubectl create namespace $mesh
    act kubectl label namespace $mesh istio-injection=enabled
    act kubectl create namespace $outside
    act kubectl apply -f <(Hack/test-cluster.d/services.py $mesh "$(proxy_image)")
    act kubectl apply -f <(Hack/test-cluster.d/services.py $outside "$(proxy_image)")
    within 90 "the services are available" all_available $mesh
    check "every Pod has a sidecar" every_pod_has_a_sidecar $mesh
    within 60 "those outside are available too" all_available $outside
}

mesh_speaks_mutual_tls() {
    section "mutual TLS"
    within 20 "a page through three services" page_says $mesh productpage:9080/productpage '^reviews-v[123] '
    within 10 "each knows its caller by name" page_says $mesh productpage:9080/productpage \
        "URI=spiffe://cluster.local/ns/$mesh/sa/bookinfo-productpage"
    within 10 "from outside the mesh plaintext is served" page_says $outside reviews.$mesh:9080/x '^reviews-v'
    within 10 "and from the mesh to outside" page_says $mesh reviews.$outside:9080/x '^reviews-v'
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    within 10 "STRICT: plaintext is refused" no_page $outside reviews.$mesh:9080/x
    within 10 "and the mesh goes on" page_says $mesh productpage:9080/productpage '^reviews-v[123] '
    sleep 3
    check "kubelet's probes pass still" all_available $mesh
}

# matrix_is TEXT EXPECTED…: what each kind of caller gets from ratings' Pod, asked by address.
matrix_is() {
    local found
    found=$(nsenter --target "$(process_of $outside app=client client)" --net \
        Hack/test-cluster.d/matrix.py "$(pod_address $mesh app=ratings):9080" "$work/callers" 2>"$work/matrix.log" | paste -sd,)
    echo "$found"
    [ "$found" = "$1" ]
}
mesh_lets_in_the_right_ones() {
    section "who is let in"
    mesh_root "$work/root"
    act Hack/test-cluster.d/matrix-certificates.sh "$work/callers" "$work/root.pem" "$work/root.key"
    local wrong="no-certificate refused,foreign-domain refused,wrong-name refused,expired refused,foreign-root refused"
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    within 10 "STRICT lets in the right certificate alone" matrix_is "plaintext refused,$wrong,right served"
    act peer_authentication $mesh '{"mtls": {"mode": "PERMISSIVE"}}'
    within 10 "PERMISSIVE lets in plaintext too, and no wrong certificate" matrix_is "plaintext served,$wrong,right served"
    act peer_authentication $mesh '{"mtls": {"mode": "DISABLE"}}'
    within 10 "DISABLE lets in plaintext and no TLS" matrix_is "plaintext served,$wrong,right refused"
    act peer_authentication $mesh "{\"selector\": {\"matchLabels\": {\"app\": \"ratings\"}},
        \"mtls\": {\"mode\": \"PERMISSIVE\"}, \"portLevelMtls\": {\"9080\": {\"mode\": \"STRICT\"}}}"
    within 10 "a port that is STRICT in a PERMISSIVE workload" matrix_is "plaintext refused,$wrong,right served"
    act peer_authentication $mesh "{\"selector\": {\"matchLabels\": {\"app\": \"ratings\"}},
        \"mtls\": {\"mode\": \"STRICT\"}, \"portLevelMtls\": {\"9080\": {\"mode\": \"PERMISSIVE\"}}}"
    within 10 "one that is PERMISSIVE in a STRICT workload" matrix_is "plaintext served,$wrong,right served"
    act peer_authentication $mesh "{\"selector\": {\"matchLabels\": {\"app\": \"ratings\"}},
        \"mtls\": {\"mode\": \"STRICT\"}, \"portLevelMtls\": {\"9080\": {\"mode\": \"DISABLE\"}}}"
    within 10 "and one that is DISABLE" matrix_is "plaintext served,$wrong,right refused"
    act kubectl -n $mesh delete peerauthentication default
    rm -f "$work/root.key" "$work/callers/root.key"
}

# load NAMESPACE SERVICE ARGUMENT…: requests of the client there, through its sidecar.
load() {
    local namespace=$1 service=$2
    shift 2
    in_pod "$namespace" app=client client Hack/test-cluster.d/load.py \
        "$(service_address "$namespace" "$service"):9080" --host "$service:9080" "$@"
}
json_holds() { python3 -c 'import json, sys; o = json.load(open(sys.argv[1])); print(o); sys.exit(not eval(sys.argv[2]))' "$@"; }

mesh_routes() {
    section "routing"
    act kubectl apply -f - <<END
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: $mesh}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v3, labels: {version: v3}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: $mesh}
spec:
  hosts: [reviews]
  http:
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 80}
    - {destination: {host: reviews, subset: v3}, weight: 20}
END
    within 10 "a canary takes effect" canary_takes_effect
    load $mesh reviews --requests 1000 >"$work/canary.json"
    check "80/20 over 1,000 requests, none failed" json_holds "$work/canary.json" \
        'o["failed"] == 0 and 740 <= o["who"].get("reviews-v1", 0) <= 860 and "reviews-v2" not in o["who"]'
}
canary_takes_effect() {
    load $mesh reviews --requests 40 >"$work/first.json" &&
        json_holds "$work/first.json" 'o["failed"] == 0 and "reviews-v2" not in o["who"]'
}

scraped() { in_pod $mesh "$1" istio-proxy curl -s --max-time 5 http://127.0.0.1:15020/stats/prometheus; }
scraped_line() {
    local page
    page=$(scraped "$1") || return 1
    grep -E "$2" <<<"$page" | head -n 3
    grep -qE -- "$2" <<<"$page"
}
mesh_is_measured() {
    section "metrics"
    local request='^istio_requests_total\{.*'
    within 20 "the server's requests, with the client's name" scraped_line app=reviews,version=v1 \
        "$request"'reporter="destination".*source_workload="client".*connection_security_policy="mutual_tls"'
    within 20 "the client's requests, with the server's name" scraped_line app=client \
        "$request"'reporter="source".*destination_workload="reviews-v1".*response_code="200"'
    within 20 "a client outside of the mesh, by its address" client_outside_is_named
    within 10 "the agent's own" scraped_line app=client '^istio_agent_|^envoy_|^process_'
}
client_outside_is_named() {
    page_says $outside ratings.$mesh:9080/x '^ratings-v1' || return 1
    scraped_line app=ratings \
        '^istio_requests_total\{.*source_workload="client",source_workload_namespace="'$outside'".*connection_security_policy="none"'
}

equals_in() {
    local found
    found=$(kubectl -n "$1" get "$2" -o "jsonpath=$3")
    echo "$2 $3 is '$found', not '$4'"
    [ "$found" = "$4" ]
}

mesh_has_a_gateway() {
    section "ingress gateway"
    act kubectl apply -f - <<END
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: bookinfo, namespace: $mesh}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["bookinfo.example"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: bookinfo, namespace: $mesh}
spec:
  hosts: ["bookinfo.example"]
  gateways: [bookinfo]
  http:
  - match: [{uri: {exact: /productpage}}]
    route: [{destination: {host: productpage, port: {number: 9080}}}]
END
    within 20 "a page from outside the cluster" gateway_serves
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "STRICT"}}'
    within 10 "and when the whole mesh is STRICT" plaintext_refused_and_gateway_serves
    act kubectl -n "$namespace_of_iop" delete peerauthentication default
}
gateway_serves() {
    local address body
    address=$(kubectl -n "$namespace_of_iop" get service istio-ingressgateway -o 'jsonpath={.status.loadBalancer.ingress[0].ip}')
    body=$(curl -sS --max-time 5 --noproxy '*' -H 'Host: bookinfo.example' "http://$address/productpage" 2>&1)
    echo "$body"
    grep -q '^reviews-v' <<<"$body"
}
plaintext_refused_and_gateway_serves() { no_page $outside reviews.$mesh:9080/x && gateway_serves; }

mesh_ends() {
    act kubectl delete namespace $mesh $outside --wait=false
}
