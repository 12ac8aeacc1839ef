# shellcheck shell=bash
# The cluster's network. Nothing on the machine changes but one veth and its routes; its iptables are not touched.
#
#   machine ── apus-A-B ──┐                       A.B.0.254
#                         │ bridge "nodes"        A.B.0.1    control plane's namespace: API server, DNS, metrics
#   node 1 ── eth0 ───────┤                       A.B.0.11   and its Pods A.B.65.0/24 on bridge cni0
#   node 2 ── eth0 ───────┘                       A.B.0.12   and its Pods A.B.66.0/24
#
# Services have A.B.128.0/20 and load balancers A.B.1.0/24: from outside both are reached through node 1, where
# kube-proxy takes over. All are routed from the machine too, so Pods can be reached from it by address.

# Sets every address of the cluster from its block, "A.B".
addresses_of_block() {
    control_plane_address=$block.0.1
    machine_address=$block.0.254
    pods_range=$block.64.0/18
    service_range=$block.128.0/20
    first_service_address=$block.128.1
    load_balancer_range=$block.1.0/24
    uplink=apus-${block/./-}
}
node_name() { echo "$name-node$1"; }
node_address() { echo "$block.0.$((10 + $1))"; }
node_pods() { echo "$block.$((64 + $1)).0/24"; }

# A private /16 to which this machine has no route (but the default one), and that no other cluster has chosen.
free_block() {
    local candidate taken
    taken=" $(cat "$clusters"/*/settings 2>/dev/null | sed -n 's/^block="\(.*\)"$/\1/p' | tr '\n' ' ') "
    for candidate in 10.{201..250} 172.{20..31}; do
        [[ $taken == *" $candidate "* ]] && continue
        # Routes that contain it, and routes within it.
        { ip -4 route show match "$candidate.0.0/16"; ip -4 route show root "$candidate.0.0/16"; } |
            grep -qv '^default' && continue
        echo "$candidate"
        return
    done
    die "no private network is free on this machine" "Tried 10.201 to 10.250 and 172.20 to 172.31, each /16."
}

# Namespaces have no names: they live as long as the process that holds them, and so does all that is in them.
# "nsenter" and not "ip netns exec": the latter mounts another /sys, without the cgroups.
control_plane_prefix() { in_control_plane=(nsenter --target "$(pid_of control-plane)" --net); }
node_prefix() { in_node=(nsenter --target "$(pid_of "$1")" --net --mount --uts); }

hold_control_plane() {
    start control-plane "$process_group" unshare --net sleep infinity
    wait_for 60 "a network namespace" control-plane has_own_network control-plane
    control_plane_prefix
}

has_own_network() {
    [[ $(readlink "/proc/$(pid_of "$1")/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

make_control_plane_network() {
    "${in_control_plane[@]}" bash -ec "
        sysctl -qw net.ipv4.ip_forward=1
        ip -batch - <<'IP'
            link set lo up
            link add nodes type bridge
            addr add $control_plane_address/24 dev nodes
            link set nodes up
            route add unreachable $load_balancer_range
            route add unreachable $service_range
IP"
    ip link add "$uplink" type veth peer name machine netns "$(pid_of control-plane)"
    "${in_control_plane[@]}" ip link set machine master nodes up
    ip addr add "$machine_address/24" dev "$uplink"
    ip link set "$uplink" up
    ip route add "$load_balancer_range" via "$(node_address 1)" dev "$uplink" onlink
    ip route add "$service_range" via "$(node_address 1)" dev "$uplink" onlink
}

# join_node NUMBER: joins the node's namespace to the bridge and tells everyone the way to its Pods.
join_node() {
    local number=$1 node address other
    node=$(node_name "$number") address=$(node_address "$number")
    "${in_control_plane[@]}" ip link add "node$number" type veth peer name eth0 netns "$(pid_of "$node")"
    "${in_control_plane[@]}" ip link set "node$number" master nodes up
    node_prefix "$node"
    {
        echo "link set lo up"
        echo "addr add $address/24 dev eth0"
        echo "link set eth0 up"
        echo "route add default via $control_plane_address"
        for (( other = 1; other <= nodes; other++ )); do
            (( other == number )) || echo "route add $(node_pods "$other") via $(node_address "$other")"
        done
    } | "${in_node[@]}" ip -batch -
    "${in_node[@]}" sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
    "${in_control_plane[@]}" ip route add "$(node_pods "$number")" via "$address"
    ip route add "$(node_pods "$number")" via "$address" dev "$uplink"
}

remove_uplink() {
    local block=''
    read_settings || return 0
    [[ $block ]] || return 0
    addresses_of_block
    ip link del "$uplink" 2>/dev/null || true
}
