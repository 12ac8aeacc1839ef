# shellcheck shell=bash
# A node: a holder of its namespaces (node-holder.sh), and in them containerd, kubelet and kube-proxy, on the usual
# paths.

# Numbers in, words out: zone-a, zone-b, ... so that Pods can be spread.
node_zone() { local letters=abcdefghi; echo "zone-${letters:$1-1:1}"; }

# The folders of a machine that each node has of its own. Those this machine lacks are made, and removed when they are
# not needed any more.
node_folders=(/var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers /etc/cni /opt/cni)

make_node_folders() {
    local folder
    for folder in "${node_folders[@]}"; do
        [[ -d $folder ]] || { mkdir "$folder"; echo "$folder" >> "$clusters/.locks/-folders"; }
    done
}

remove_node_folders() {
    [[ -z $(all_clusters) && -e $clusters/.locks/-folders ]] || return 0
    xargs rmdir --ignore-fail-on-non-empty < "$clusters/.locks/-folders" || true
    rm -f "$clusters/.locks/-folders"
}

hold_node() {
    local node
    node=$(node_name "$1")
    make_node_folders
    make_node_cgroup "$node"
    mkdir -p "$state/nodes/$node"
    start "$node" "$node/system" unshare --net --mount --uts --propagation slave \
        "$parts/node-holder.sh" "$node" "$state/nodes/$node" "${node_folders[@]}"
    wait_for 240 "the namespaces of $node" "$node" test -e "$state/nodes/$node/holds"
}

start_containerd() {
    local node folder
    node=$(node_name "$1") folder=$state/nodes/$node
    node_prefix "$node"
    cat > "$folder/etc/cni/net.d/10-pods.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$(node_pods "$1")"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
    # restrict_oom_score_adj: where the machine itself is a container, a score below its own is refused.
    cat > "$folder/containerd.toml" <<TOML
version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  disable_apparmor = true
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
TOML
    start "$node.containerd" "$node/system" "${in_node[@]}" containerd --config "$folder/containerd.toml"
}

containerd_serves() {
    node_prefix "$1"
    "${in_node[@]}" ctr --connect-timeout 1s version
}

# import NODE ARCHIVE...
import() {
    local node=$1 archive
    shift
    node_prefix "$node"
    for archive in "$@"; do
        # By standard input: the node's own /run may hide the file.
        "${in_node[@]}" ctr --namespace k8s.io images import --snapshotter overlayfs - < "$archive" > /dev/null ||
            die "$node cannot import $archive" "It must be a docker or OCI image archive (a tar file)."
    done
}

start_node() {
    local number=$1 node address folder pki=$state/pki
    node=$(node_name "$number") address=$(node_address "$number")
    folder=$state/nodes/$node/var/lib/kubelet
    client "$node" "/O=system:nodes/CN=system:node:$node" "$server" "$folder/kubeconfig"
    certificate "$node-server" "/O=system:nodes/CN=system:node:$node" "IP:$address,DNS:$node"
    cat > "$folder/config.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
readOnlyPort: 0
healthzBindAddress: 127.0.0.1
tlsCertFile: $pki/$node-server.crt
tlsPrivateKeyFile: $pki/$node-server.key
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /apus/$name/$node/pods
failSwapOn: false
protectKernelDefaults: true
resolvConf: ""
clusterDNS: [$control_plane_address]
clusterDomain: cluster.local
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
kubeAPIQPS: 50
kubeAPIBurst: 100
syncFrequency: 10s
nodeStatusUpdateFrequency: 5s
featureGates: {DevicePlugins: false}
YAML
    node_prefix "$node"
    # It would ask Amazon's metadata address for credentials, for seconds.
    start "$node.kubelet" "$node/system" env AWS_EC2_METADATA_DISABLED=true "${in_node[@]}" "$bin/kubelet" \
        --config=/var/lib/kubelet/config.yaml --kubeconfig=/var/lib/kubelet/kubeconfig \
        --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock \
        --hostname-override="$node" --node-ip="$address" \
        --node-labels="topology.kubernetes.io/region=region-1,topology.kubernetes.io/zone=$(node_zone "$number")" --v=2
    # The conntrack settings are the machine's: 0 leaves them alone.
    start "$node.kube-proxy" "$node/system" "${in_node[@]}" "$bin/kube-proxy" \
        --kubeconfig="$pki/kube-proxy.kubeconfig" --hostname-override="$node" --proxy-mode=iptables \
        --cluster-cidr="$pods_range" --bind-address="$address" \
        --healthz-bind-address=127.0.0.1:10256 --metrics-bind-address=127.0.0.1:10249 --conntrack-max-per-core=0 \
        --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 --v=2
}

# The Node objects are made before their kubelets: with its Pod range in place, a kubelet is Ready at its first report.
node_objects() {
    local number
    for (( number = 1; number <= nodes; number++ )); do
        cat <<YAML
---
apiVersion: v1
kind: Node
metadata:
  name: $(node_name "$number")
  labels:
    topology.kubernetes.io/region: region-1
    topology.kubernetes.io/zone: $(node_zone "$number")
spec:
  podCIDR: $(node_pods "$number")
  podCIDRs: [$(node_pods "$number")]
status:   # the kubelet replaces the values, but cannot do without any
  capacity: {cpu: 0}
  allocatable: {cpu: 0}
YAML
    done
}

# Ready, and the taints of not being so are gone.
nodes_are_ready() {
    local found
    found=$("${in_control_plane[@]}" curl -sf --max-time 2 --cacert "$state/pki/ca.crt" \
        --cert "$state/pki/admin.crt" --key "$state/pki/admin.key" "$server/api/v1/nodes" | tr -d ' \n')
    [[ $(grep -o '"type":"Ready","status":"True"' <<< "$found" | wc -l) == "$nodes" && $found != *'"taints"'* ]]
}

load() {
    local archive node
    (( $# )) || die "load needs an image archive" "Hack/cluster load ARCHIVE... [--name NAME]"
    for archive in "$@"; do
        [[ -r $archive ]] || die "cannot read $archive"
    done
    lock_cluster
    need_running_cluster
    local imports=() import
    for (( number = 1; number <= nodes; number++ )); do
        import "$(node_name "$number")" "$@" & imports+=($!)
    done
    for import in "${imports[@]}"; do wait "$import"; done
    say "every node of cluster \"$name\" has it"
}

need_running_cluster() {
    if ! read_settings || ! is_alive control-plane; then
        die "no cluster \"$name\" with nodes is running" "Start it: Hack/cluster up --name $name"
    fi
    addresses_of_block
}

enter() {
    local place=${1:-}
    [[ $place ]] || die "enter needs a node's name" "Hack/cluster enter [--name NAME] NODE [COMMAND...]"
    shift
    need_running_cluster
    if [[ $place == control-plane ]]; then
        control_plane_prefix
        exec "${in_control_plane[@]}" "${@:-bash}"
    fi
    [[ -d $state/nodes/$place ]] || die "cluster \"$name\" has no node \"$place\"" "It has: $(ls "$state/nodes")"
    is_alive "$place" || die "node $place is dead" "To start the cluster anew: Hack/cluster up --name $name"
    node_prefix "$place"
    exec "${in_node[@]}" "${@:-bash}"
}
