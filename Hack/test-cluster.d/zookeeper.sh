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
# Every member runs, and says that it serves nobody.
no_member_serves() {
    local member found
    members_of $quorum || return 1
    for member in 0 1 2; do
        found=$(said_by "${member_networks[$member]}")
        echo "zookeeper-$member says: $found"
        grep -q 'not currently serving requests' <<<"$found" || return 1
    done
}
# serves_nobody_for SECONDS: no member serves in all that time, and they all run at its end.
serves_nobody_for() {
    local began=$SECONDS found
    while [ $((SECONDS - began)) -lt "$1" ]; do
        found=$(modes_of 0 1 2)
        [ -z "$found" ] || {
            echo "after $((SECONDS - began)) s they are '$found'"
            return 1
        }
    done
    no_member_serves
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
# answered_by_none NAMESPACE, answered_by_all NAMESPACE
answered_by_none() {
    local member
    for member in 0 1 2; do is_not_answered "$1" $member || return 1; done
}
answered_by_all() {
    local member
    for member in 0 1 2; do is_answered "$1" $member || return 1; done
}

# leader_is_killed NAMESPACE RUNS: kill -9 of the leader, again and again; the milliseconds until the other two have a
# leader and a follower again. The kubelet starts the killed one again, later and later. What happens meanwhile is kept.
leader_is_killed() {
    local run member leader others pid began took failed_before
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
        failed_before=$(failed_connects "$1" "${others[@]}")
        kill -9 "$pid"
        began=$(date +%s%N)
        until modes_are "follower leader" "${others[@]}" >/dev/null; do
            [ $(($(date +%s%N) - began)) -lt 60000000000 ] || {
                echo "        a minute after kill $((run + 1)) the others are '$(modes_of "${others[@]}")'" >&2
                return 1
            }
        done
        took=$((($(date +%s%N) - began) / 1000000))
        echo "$took"
        {
            election "$1" "$began" "${others[@]}"
            [ -z "$failed_before" ] || echo "connects to port 2888 that their proxies tried again:" \
                $(($(failed_connects "$1" "${others[@]}") - failed_before))
        } >"$work/election.$1.$took"
    done
}
# election NAMESPACE SINCE MEMBER…: what the members tell since then (nanoseconds) of the way to the next leader.
election() {
    local member
    for member in "${@:3}"; do
        kubectl -n "$1" logs "zookeeper-$member" -c zookeeper --timestamps --since=90s | sed "s/^/zookeeper-$member /"
    done | Hack/test-cluster.d/election.py "$2"
}
# failed_connects NAMESPACE MEMBER…: how many connects to the members' own port 2888 have failed, as their proxies count;
# not where they have none. They forget an address to which nothing was connected for a minute.
failed_connects() {
    local member
    [ "$1" = $quorum ] || return 0
    for member in "${@:2}"; do
        nsenter --target "${member_networks[$member]}" --net curl -s --max-time 5 http://127.0.0.1:15000/clusters
    done | awk -F:: '$1 == "inbound|2888||" && $3 == "cx_connect_fail" { sum += $4 } END { print sum + 0 }'
}
# slowest_election NAMESPACE
slowest_election() {
    local slowest
    slowest=$(find "$work" -name "election.$1.*" -printf '%f\n' | sed 's/.*[.]//' | sort -n | tail -n 1)
    echo "        the slowest, ${slowest:-none} ms, as those tell it who were left:"
    [ -z "$slowest" ] || sed 's/^/          /' "$work/election.$1.$slowest"
}
# median MILLISECONDS…
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
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
    slowest_election $quorum_alone
    act kubectl -n $quorum_alone delete statefulset zookeeper
    # They speak plaintext, and what is on the wire is watched soon.
    within 60 "its members are gone" gone -n $quorum_alone pods -l app=zookeeper
}

quorum_forms_under_strict() {
    local member capture strangers
    section "ZooKeeper, STRICT mutual TLS everywhere"
    act kubectl create namespace $quorum
    act kubectl label namespace $quorum istio-injection=enabled
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "STRICT"}}'
    Hack/cluster enter --name "$CLUSTER" "$(node)" tcpdump -i cni0 -U -s 0 -B 16384 -w "$work/quorum.pcap" \
        "(tcp port 2181 or tcp port 2888 or tcp port 3888) and net $(pod_network)" >"$work/tcpdump.log" 2>&1 &
    capture=$!
    within 5 "the wire is watched" grep -q listening "$work/tcpdump.log"
    act kubectl -n $quorum apply -f Hack/test-cluster.d/zookeeper.yaml
    within 90 "one leader and two followers" quorum_is_whole $quorum
    for member in 0 1 2; do
        within 20 "a client of the mesh hears from zookeeper-$member by its name" is_answered $quorum $member
    done
    check "a client from outside the mesh hears from none" answered_by_none $quorum_alone
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "PERMISSIVE"}}'
    within 10 "where PERMISSIVE it hears from all" answered_by_all $quorum_alone
    act peer_authentication "$namespace_of_iop" '{"mtls": {"mode": "STRICT"}}'
    within 10 "and where STRICT again from none" answered_by_none $quorum_alone
    within 20 "connections are counted with their client's name" connections_counted $quorum mutual_tls
    within 20 "those in plaintext too" connections_counted $quorum_alone none
    strangers=$(except_pods_of $quorum_alone)
    ends_watching "$capture"
    # shellcheck disable=SC2086
    check "every byte on the wire is TLS" Hack/test-cluster.d/wire.py "$work/quorum.pcap" --ports 2181,2888,3888 $strangers
}

# connections_counted NAMESPACE POLICY: zookeeper-0's agent counts those of the client there.
connections_counted() {
    local found
    found=$(in_pod $quorum statefulset.kubernetes.io/pod-name=zookeeper-0 istio-proxy \
        curl -s --max-time 5 http://127.0.0.1:15020/stats/prometheus |
        grep '^istio_tcp_connections_opened_total.*source_workload="client"')
    echo "$found"
    grep -F "source_workload_namespace=\"$1\"" <<<"$found" | grep -qF "connection_security_policy=\"$2\""
}

quorum_survives_its_leaders() {
    local took times=${APUS_LEADERS:-5}
    section "ZooKeeper's leader is killed"
    took=$(leader_is_killed $quorum "$times" | paste -sd' ')
    echo "        the others serve again after $took ms; without a mesh after ${quorum_alone_took:-?} ms"
    # shellcheck disable=SC2086
    echo "        the median is $(median $took) ms; without a mesh $(median $quorum_alone_took) ms, of which twice is wanted"
    slowest_election $quorum
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
    within 60 "every member runs and serves nobody" no_member_serves
    check "and none does within 20 s" serves_nobody_for 20
    act kubectl -n $quorum delete envoyfilter loopback
    within 60 "without the EnvoyFilter there is one" quorum_is_whole $quorum
}
