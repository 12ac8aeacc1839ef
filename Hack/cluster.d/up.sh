# shellcheck shell=bash
# "up": both kinds of cluster, step by step.

up() {
    lock_cluster
    if is_up; then
        say "cluster \"$name\" runs already ($server)"
    else
        nodes=${nodes:-1}
        prepare
        if [[ -d $state ]]; then
            say "clearing what is left of cluster \"$name\""
            down_cluster
        fi
        mkdir -m 700 "$state"
        mkdir "$state"/{pids,commands,logs}
        up_"$kind"
        touch "$state/complete"
        say "cluster \"$name\" is ready: $server"
    fi
    echo "export KUBECONFIG=$kubeconfig"
}

# What a cluster of this kind needs on the machine. Quick when it is all there.
prepare() {
    build_kubernetes
    if [[ $kind == apiserver ]]; then
        install_packages "${apiserver_packages[@]}"
    else
        install_packages "${node_packages[@]}"
        make_images
    fi
    install_kubectl
}

# Runs, whole, and as asked for (no --nodes: any number). What is broken is started anew, but a cluster that runs is
# never replaced by one of another kind.
is_up() {
    local asked=("$kind" "${nodes:-any}" "$controllers" "$runtime_config") found process
    [[ -e $state/complete ]] && read_settings || return 1
    found=("$kind" "$nodes" "$controllers" "$runtime_config")
    [[ ${asked[1]} != any ]] || asked[1]=$nodes
    if is_whole; then
        [[ ${found[*]} == "${asked[*]}" ]] ||
            die "cluster \"$name\" runs already, and not as asked for" "To replace it: Hack/cluster down --name $name"
        return 0
    fi
    kind=${asked[0]} nodes=${asked[1]} controllers=${asked[2]} runtime_config=${asked[3]}
    return 1
}

is_whole() {
    local process
    for process in $(processes); do
        is_alive "$process" || { say "cluster \"$name\" lost its $process"; return 1; }
    done
    # A busy machine is no reason to end a cluster: it has time to answer.
    for _ in {1..20}; do
        if apiserver_is_ready > /dev/null; then return 0; fi
        sleep 1
    done
    say "the API server of cluster \"$name\" does not answer"
    return 1
}

# etcd and kube-apiserver on loopback: for tests of clients.
up_apiserver() {
    local began
    in_control_plane=(env)
    process_group='' bind_address=127.0.0.1 advertise_address=127.0.0.1 service_range=10.96.0.0/16
    lock_addresses
    read -r api_port etcd_port etcd_peer_port controller_manager_port <<< "$(free_ports 4)"
    server=https://127.0.0.1:$api_port
    keep_settings kind nodes controllers runtime_config server api_port etcd_port etcd_peer_port \
        controller_manager_port in_control_plane
    unlock_addresses
    say "starting etcd and kube-apiserver of cluster \"$name\" on $server"
    began=$(date +%s%N)
    start_etcd
    make_certificates "$server" IP:127.0.0.1,IP:10.96.0.1
    wait_for 120 "etcd" etcd etcd_serves
    # Loopback is no address for the Endpoints of the "kubernetes" Service: nobody keeps them here.
    start_apiserver --endpoint-reconciler-type=none ${runtime_config:+--runtime-config="$runtime_config"}
    wait_for 240 "the API server" kube-apiserver apiserver_is_ready
    if [[ $controllers == yes ]]; then
        start_controller_manager
        wait_for 240 "the first service account" kube-controller-manager default_service_account_exists
    fi
    say "ready after $(( ($(date +%s%N) - began) / 1000000 )) ms"
}

# free_ports COUNT: loopback ports on which nobody listens and that no other cluster has chosen.
free_ports() {
    local used port chosen=()
    used=" $(ss -Htln | sed -E 's/^([^ ]+ +){3}[^ ]*:([0-9]+) .*/\2/' | tr '\n' ' ') $(
        cat "$clusters"/*/settings 2>/dev/null | sed -n 's/^[a-z_]*port="*\([0-9]*\)"*$/\1/p' | tr '\n' ' ') "
    while (( ${#chosen[@]} < $1 )); do
        port=$((20000 + RANDOM % 10000))   # below the kernel's range for outgoing connections
        [[ $used == *" $port "* ]] && continue
        chosen+=("$port")
        used+=" $port "
    done
    echo "${chosen[*]}"
}

# A control plane and nodes. What does not depend on each other starts together.
up_cluster() {
    local number
    process_group=system
    lock_addresses
    block=$(free_block)
    addresses_of_block
    api_port=6443 etcd_port=2379 etcd_peer_port=2380 controller_manager_port=10257 scheduler_port=10259
    bind_address=0.0.0.0 advertise_address=$control_plane_address
    server=https://$control_plane_address:$api_port
    hold_control_plane
    keep_settings kind nodes controllers runtime_config server block in_control_plane
    make_control_plane_network
    unlock_addresses

    say "starting etcd, certificates, the API server"
    start_etcd
    make_certificates "$server" "IP:127.0.0.1,IP:$control_plane_address,IP:$first_service_address"
    client scheduler /CN=system:kube-scheduler "$server" "$state/pki/scheduler.kubeconfig"
    client kube-proxy /CN=system:kube-proxy "$server" "$state/pki/kube-proxy.kubeconfig"
    certificate helper /CN=cluster-helper
    certificate metrics /CN=metrics DNS:metrics.kube-system.svc
    wait_for 120 "etcd" etcd etcd_serves
    start_apiserver ${runtime_config:+--runtime-config="$runtime_config"}

    say "starting containerd on $nodes node(s)"
    for (( number = 1; number <= nodes; number++ )); do
        hold_node "$number"
        join_node "$number"
        start_containerd "$number"
    done
    for (( number = 1; number <= nodes; number++ )); do
        wait_for 120 "containerd" "$(node_name "$number").containerd" containerd_serves "$(node_name "$number")"
        import "$(node_name "$number")" "$images"/*.tar 2> "$state/logs/images.log"
    done

    wait_for 240 "the API server" kube-apiserver apiserver_is_ready
    say "the API server serves; starting controllers, scheduler, kubelets, helpers"
    start_controller_manager
    start_scheduler
    { addon_objects; node_objects; } | kubectl --kubeconfig "$kubeconfig" create -f - > "$state/logs/objects.log"
    for (( number = 1; number <= nodes; number++ )); do start_node "$number"; done
    start_dns
    start_service_helper
    start_metrics_helper

    wait_for 240 "the nodes" "$(node_name 1).kubelet" nodes_are_ready
    say "nodes are Ready"
    wait_for 240 "the first service account" kube-controller-manager default_service_account_exists
    wait_for 120 "DNS" service-helper dns_serves
    wait_for 240 "metrics.k8s.io" metrics-helper metrics_serve
}
