# shellcheck shell=bash
# A plug-in whose module is in a registry that asks for a password.

mesh_runs_plugins() {
    section "a plug-in from a registry with a password"
    local registry process password=$RANDOM$RANDOM
    # As Pods reach this machine.
    registry=$(ip -4 -o route get "$(pod_address $mesh app=client)" | sed 's/.* src \([^ ]*\).*/\1/')
    Hack/test-cluster.d/registry.py "$registry" puller "$password" >"$work/registry.log" 2>&1 &
    process=$!
    within 10 "the registry listens" grep -q '^listening on ' "$work/registry.log"
    registry=$(sed -n 's/^listening on //p' "$work/registry.log")
    with_registry "\"{\\\"proxyMetadata\\\": {\\\"WASM_INSECURE_REGISTRIES\\\": \\\"$registry\\\"}}\""
    within 90 "details is back, and may ask a registry without TLS" rolled_out $mesh
    act plugin "$registry" ''
    within 30 "without a secret the registry refuses it" grep -q '^401 /v2/plugins/header/' "$work/registry.log"
    check "nothing was fetched" not_fetched
    within 10 "and as it may be missing, calls are answered without it" details_answer 'HTTP/1.1 200' ''
    act kubectl -n $mesh create secret docker-registry puller --docker-server="$registry" --docker-username=puller \
        --docker-password="$password"
    act plugin "$registry" '"imagePullSecret": "puller",'
    within 30 "with the secret it runs" details_answer 'HTTP/1.1 200' 'x-plugin: here'
    check "and was fetched from the registry" grep -q '^200 /v2/plugins/header/blobs/' "$work/registry.log"
    act kubectl -n $mesh delete wasmplugin header
    act kubectl -n $mesh delete secret puller
    with_registry null
    within 90 "details is back as it was" rolled_out $mesh
    act kill "$process"
    wait "$process" 2>/dev/null
}
# with_registry CONFIG: proxy.istio.io/config of details, a JSON text of JSON; null for none.
with_registry() {
    act kubectl -n $mesh patch deployment details-v1 -p \
        "{\"spec\": {\"template\": {\"metadata\": {\"annotations\": {\"proxy.istio.io/config\": $1}}}}}"
}
# plugin REGISTRY FIELDS
plugin() {
    kubectl apply -f - <<END
{"apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "metadata": {"name": "header", "namespace": "$mesh"},
 "spec": {"selector": {"matchLabels": {"app": "details"}}, $2 "url": "oci://$1/plugins/header:1", "failStrategy": "FAIL_OPEN"}}
END
}
not_fetched() {
    cat "$work/registry.log"
    ! grep -q '^200 ' "$work/registry.log"
}
# details_answer STATUS HEADER: the first line of an answer of details, and whether it has the plug-in's header.
details_answer() {
    local found
    found=$(in_pod $mesh app=client client curl -sS --max-time 5 --noproxy '*' -D - -o /dev/null -H 'Host: details:9080' \
        "http://$(service_address $mesh details):9080/x" 2>&1 | tr -d '\r')
    echo "$found"
    [ "$(head -n 1 <<<"$found")" = "$1 OK" ] && [ "$(grep -i '^x-plugin:' <<<"$found")" = "$2" ]
}
