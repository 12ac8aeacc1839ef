# shellcheck shell=bash
# etcd, kube-apiserver, kube-controller-manager and kube-scheduler. The same for both kinds of cluster: on loopback with
# free ports (in_control_plane empty), or in the control plane's network namespace with the usual ports.

# in_control_plane=(command prefix)  process_group  server  bind_address  advertise_address  service_range
# api_port etcd_port etcd_peer_port controller_manager_port scheduler_port: see up.sh, which sets them.

start_etcd() {
    start etcd "$process_group" "${in_control_plane[@]}" etcd --name "$name" --data-dir "$state/etcd" \
        --unsafe-no-fsync --logger zap \
        --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" \
        --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
        --initial-cluster "$name=http://127.0.0.1:$etcd_peer_port"
}

etcd_serves() {
    "${in_control_plane[@]}" curl -sf --max-time 2 "http://127.0.0.1:$etcd_port/health"
}

start_apiserver() {
    local pki=$state/pki
    start kube-apiserver "$process_group" "${in_control_plane[@]}" "$bin/kube-apiserver" \
        --etcd-servers="http://127.0.0.1:$etcd_port" \
        --bind-address="$bind_address" --secure-port="$api_port" --insecure-port=0 \
        --advertise-address="$advertise_address" --service-cluster-ip-range="$service_range" \
        --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
        --client-ca-file="$pki/ca.crt" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
        --service-account-issuer=https://kubernetes.default.svc.cluster.local \
        --service-account-key-file="$pki/service-accounts.pub" \
        --service-account-signing-key-file="$pki/service-accounts.key" \
        --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP,Hostname \
        --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
        --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front-proxy \
        --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
        --requestheader-extra-headers-prefix=X-Remote-Extra- --enable-aggregator-routing=true \
        --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key" \
        --allow-privileged=true --feature-gates=APIPriorityAndFairness=true --event-ttl=1h --profiling=false --v=1 \
        "$@"
}

apiserver_is_ready() {
    "${in_control_plane[@]}" curl -sf --max-time 2 --cacert "$state/pki/ca.crt" "$server/readyz"
}

start_controller_manager() {
    local pki=$state/pki
    start kube-controller-manager "$process_group" "${in_control_plane[@]}" "$bin/kube-controller-manager" \
        --kubeconfig="$pki/controller-manager.kubeconfig" \
        --authentication-kubeconfig="$pki/controller-manager.kubeconfig" \
        --authorization-kubeconfig="$pki/controller-manager.kubeconfig" \
        --bind-address=127.0.0.1 --secure-port="$controller_manager_port" --port=0 --leader-elect=false \
        --service-account-private-key-file="$pki/service-accounts.key" --root-ca-file="$pki/ca.crt" \
        --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
        --use-service-account-credentials=true --kube-api-qps=100 --kube-api-burst=200 \
        --horizontal-pod-autoscaler-sync-period=2s --horizontal-pod-autoscaler-initial-readiness-delay=5s \
        --horizontal-pod-autoscaler-cpu-initialization-period=10s \
        --horizontal-pod-autoscaler-downscale-stabilization=10s \
        --feature-gates=APIPriorityAndFairness=true --v=1
}

start_scheduler() {
    local pki=$state/pki
    start kube-scheduler "$process_group" "${in_control_plane[@]}" "$bin/kube-scheduler" \
        --kubeconfig="$pki/scheduler.kubeconfig" --authentication-kubeconfig="$pki/scheduler.kubeconfig" \
        --authorization-kubeconfig="$pki/scheduler.kubeconfig" \
        --bind-address=127.0.0.1 --secure-port="$scheduler_port" --port=0 --leader-elect=false \
        --feature-gates=APIPriorityAndFairness=true --v=1
}

default_service_account_exists() {
    "${in_control_plane[@]}" curl -sf --max-time 2 --cacert "$state/pki/ca.crt" \
        --cert "$state/pki/admin.crt" --key "$state/pki/admin.key" \
        "$server/api/v1/namespaces/default/serviceaccounts/default"
}
