# shellcheck shell=bash
# What a bare cluster lacks: DNS for Pods, load balancers' addresses, metrics.k8s.io. All run in the control plane's
# network namespace; addons/*.py say how.

python=/usr/bin/python3

# dnsmasq reads hosts/ anew whenever service-helper.py replaces a file in it.
start_dns() {
    mkdir -p "$state/hosts"
    # Everything else does not exist: a cluster of its own has no way out.
    start dnsmasq "$process_group" "${in_control_plane[@]}" dnsmasq --keep-in-foreground --conf-file=/dev/null \
        --user=root --group=root --pid-file= --log-facility=- --no-resolv --no-hosts --hostsdir="$state/hosts" \
        --local=/cluster.local/ --address=/#/ --local-ttl=5 --listen-address="$control_plane_address" --bind-interfaces
}

start_service_helper() {
    start service-helper "$process_group" "${in_control_plane[@]}" "$python" -B "$parts/addons/service-helper.py" \
        --server "$server" --ca "$state/pki/ca.crt" --cert "$state/pki/helper.crt" --key "$state/pki/helper.key" \
        --hosts "$state/hosts/services" --addresses "$load_balancer_range"
}

start_metrics_helper() {
    start metrics-helper "$process_group" "${in_control_plane[@]}" "$python" -B "$parts/addons/metrics-helper.py" \
        --server "$server" --ca "$state/pki/ca.crt" --cert "$state/pki/helper.crt" --key "$state/pki/helper.key" \
        --listen "$control_plane_address:4443" \
        --serving-cert "$state/pki/metrics.crt" --serving-key "$state/pki/metrics.key"
}

dns_serves() { [[ -s $state/hosts/services ]]; }

metrics_serve() {
    "${in_control_plane[@]}" curl -sf --max-time 2 --cacert "$state/pki/ca.crt" \
        --cert "$state/pki/admin.crt" --key "$state/pki/admin.key" "$server/apis/metrics.k8s.io/v1beta1/nodes"
}

addon_objects() {
    sed -e "s|@ADDRESS@|$control_plane_address|" -e "s|@CA@|$(base64 -w0 < "$state/pki/ca.crt")|" \
        "$parts/addons/objects.yaml"
}
