# shellcheck shell=bash
# ZooKeeper: a StatefulSet with a quorum, under STRICT mutual TLS, with nothing configured for it.

quorum=apus-test-zookeeper
quorum_alone=apus-test-zookeeper-alone

# The process that holds each member's network, by number; and the namespace they are of.
member_networks=()
members_of() {
    local member container=zookeeper
    [ "$1" = $quorum_alone ] || container=istio-proxy
    for member in 0 1 2; do
        member_networks[member]=$(process_of "$1" "statefulset.kubernetes.io/pod-name=zookeeper-$member" $container) || return 1
    done
}
# said_by PROCESS: what ZooKeeper says of itself within a Pod, where nothing is captured.
said_by() {
    # shellcheck disable=SC2016
    timeout 3 nsenter --target "$1" --net bash -c 'exec 3<>/dev/tcp/127.0.0.1/2181 && echo srvr >&3 && cat <&3' 2>/dev/null
}
mode_of() { said_by "${member_networks[$1]}" | sed -n 's/^Mode: //p'; }
modes_of() {
    local member
    for member in "$@"; do mode_of "$member"; done | sort | paste -sd' '
}
modes_are() {
    local expected=$1 found
    shift
    found=$(modes_of "$@")
    echo "they are: '$found'"
    [ "$found" = "$expected" ]
}
quorum_is_whole() {
    members_of "$1" && modes_are "follower follower leader" 0 1 2
}
no_quorum() {
    ! members_of $quorum || ! modes_of 0 1 2 | grep -q leader
}

# asks NAMESPACE MEMBER: what a client there hears from a member, called by its name. It does not hang up before it hears:
# ZooKeeper answers nobody who does.
asks() {
    kubectl -n "$1" exec deployment/client -c client -- sh -c \
        "{ echo srvr; sleep 1; } | timeout 5 nc zookeeper-$2.zookeeper.$quorum.svc.cluster.local 2181" 2>&1
}
is_answered() {
    local answer
    answer=$(asks "$@")
    echo "$answer"
    grep -q '^Mode: ' <<<"$answer"
}
is_not_answered() { ! is_answered "$@"; }

# leader_is_killed NAMESPACE RUNS: kill -9 of the leader, again and again; the milliseconds until the other two have a
# leader and a follower again. The kubelet starts the killed one again, later and later.
leader_is_killed() {
    local run member leader others pid began
    for ((run = 0; run < $2; run++)); do
        milliseconds_until quorum_is_whole "$1" >/dev/null || {
            echo "        before kill $((run + 1)) there is no whole quorum: '$(modes_of 0 1 2)'" >&2
            return 1
        }
        leader='' others=()
        for member in 0 1 2; do
            if [ "$(mode_of $member)" = leader ]; then leader=$member; else others+=("$member"); fi
        done
        [ -n "$leader" ] || return 1
        pid=$(process_of "$1" "statefulset.kubernetes.io/pod-name=zookeeper-$leader" zookeeper java) || return 1
        # For the quorum to be at rest, as it is when leaders die.
        sleep 2
        kill -9 "$pid"
        began=$(date +%s%N)
        until modes_are "follower leader" "${others[@]}" >/dev/null; do
            [ $(($(date +%s%N) - began)) -lt 60000000000 ] || {
                echo "        a minute after kill $((run + 1)) the others are '$(modes_of "${others[@]}")'" >&2
                return 1
            }
        done
        echo $((($(date +%s%N) - began) / 1000000))
    done
}
# longest COUNT MILLISECONDS…: the longest of so many; nothing where there are fewer.
longest() {
    local count=$1
    shift
    [ $# -lt "$count" ] || printf '%s\n' "$@" | sort -n | tail -n 1
}

# Inbound clusters as they were before Istio 1.10: what arrives goes to loopback, where no member listens.
inbound_goes_to_loopback() {
    local port patches=''
    for port in 2181 2888 3888; do
        patches+="{\"applyTo\": \"CLUSTER\",
          \"match\": {\"context\": \"SIDECAR_INBOUND\", \"cluster\": {\"name\": \"inbound|$port||\"}},
          \"patch\": {\"operation\": \"REMOVE\"}},
         {\"applyTo\": \"CLUSTER\", \"match\": {\"context\": \"SIDECAR_INBOUND\"},
          \"patch\": {\"operation\": \"ADD\", \"value\": {
            \"name\": \"inbound|$port||\", \"type\": \"STATIC\", \"connect_timeout\": \"5s\",
            \"load_assignment\": {\"cluster_name\": \"inbound|$port||\", \"endpoints\": [{\"lb_endpoints\": [{\"endpoint\":
              {\"address\": {\"socket_address\": {\"address\": \"127.0.0.1\", \"port_value\": $port}}}}]}]}}}},"
    done
    kubectl apply -f - <<END
{"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter",
 "metadata": {"name": "loopback", "namespace": "$quorum"},
 "spec": {"workloadSelector": {"labels": {"app": "zookeeper"}}, "configPatches": [${patches%,}]}}
END
}
inbound_is_static() {
    local member found
    members_of $quorum || return 1
    for member in 0 1 2; do
        found=$(nsenter --target "${member_networks[$member]}" --net curl -s --max-time 2 \
            'http://127.0.0.1:15000/config_dump?resource=dynamic_active_clusters' | python3 -c '
import json, sys
clusters = [c["cluster"] for c in json.load(sys.stdin)["configs"]]
print(sum(c["name"].startswith("inbound|") and c.get("type", "STATIC") == "STATIC" for c in clusters))')
        echo "zookeeper-$member has $found static inbound clusters"
        [ "$found" = "$1" ] || return 1
    done
}

zookeeper_keeps_its_quorum() {
    work=${work:-$(mktemp -d)}
    apt_install tcpdump curl
    act Hack/test-cluster.d/zookeeper-image.sh .build/images/zookeeper.tar
    act Hack/cluster load .build/images/zookeeper.tar --name "$CLUSTER"
    quorum_alone_forms
    quorum_forms_under_strict
    quorum_survives_its_leaders
    quorum_needs_its_own_address
    act kubectl -n "$namespace_of_iop" delete peerauthentication default
    act kubectl delete namespace $quorum $quorum_alone --timeout=300s
}

quorum_alone_took=''
quorum_alone_forms() {
    section "ZooKeeper without a mesh"
    act kubectl create namespace $quorum_alone
    act kubectl -n $quorum_alone apply -f Hack/test-cluster.d/zookeeper.yaml
    within 60 "one leader and two followers" quorum_is_whole $quorum_alone
    quorum_alone_took=$(leader_is_killed $quorum_alone 3 | paste -sd' ')
    echo "        after kill -9 of the leader the others serve again after $quorum_alone_took ms"
    act kubectl -n $quorum_alone delete statefulset zookeeper
}

quorum_forms_under_strict() {
    local member capture strangers
    section "ZooKeeper, STRICT mutual TLS everywhere"
    act kubectl create namespace $quorum
    act kubectl label namespace $quorum istio-injection=enabled
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "STRICT"}}'
    Hack/cluster enter --name "$CLUSTER" "$(node)" tcpdump -i cni0 -U -s 0 -w "$work/quorum.pcap" \
        "(tcp port 2181 or tcp port 2888 or tcp port 3888) and net $(pod_network)" >"$work/tcpdump.log" 2>&1 &
    capture=$!
    within 5 "the wire is watched" grep -q listening "$work/tcpdump.log"
    act kubectl -n $quorum apply -f Hack/test-cluster.d/zookeeper.yaml
    within 90 "one leader and two followers" quorum_is_whole $quorum
    for member in 0 1 2; do
        within 20 "a client of the mesh hears from zookeeper-$member by its name" is_answered $quorum $member
    done
    check "a client from outside the mesh does not" is_not_answered $quorum_alone 0
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "PERMISSIVE"}}'
    within 10 "where PERMISSIVE it does" is_answered $quorum_alone 0
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "STRICT"}}'
    within 10 "and where STRICT again it does not" is_not_answered $quorum_alone 0
    strangers=$(kubectl -n $quorum_alone get pods -o 'jsonpath={range .items[*]}--except={.status.podIP} {end}')
    ends_watching "$capture"
    # shellcheck disable=SC2086
    check "every byte on the wire is TLS" Hack/test-cluster.d/wire.py "$work/quorum.pcap" --ports 2181,2888,3888 $strangers
}

quorum_survives_its_leaders() {
    local took times=${APUS_LEADERS:-5}
    section "ZooKeeper's leader is killed"
    took=$(leader_is_killed $quorum "$times" | paste -sd' ')
    echo "        the others serve again after $took ms; without a mesh after ${quorum_alone_took:-?} ms"
    # shellcheck disable=SC2086
    at_most "within 3 s each time, $times times: the longest" 3000 30000 "$(longest "$times" $took)"
    within 120 "the quorum is whole again" quorum_is_whole $quorum
}

quorum_needs_its_own_address() {
    section "ZooKeeper, inbound traffic to loopback as before Istio 1.10"
    act inbound_goes_to_loopback
    within 20 "every member has such clusters" inbound_is_static 3
    act kubectl -n $quorum delete pods -l app=zookeeper
    within 60 "members that start like that have them too" inbound_is_static 3
    sleep 20
    check "and no quorum after 20 s" no_quorum
    act kubectl -n $quorum delete envoyfilter loopback
    within 60 "without the EnvoyFilter there is one" quorum_is_whole $quorum
}
