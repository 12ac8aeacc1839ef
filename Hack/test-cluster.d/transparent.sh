# shellcheck shell=bash
# Capture that leaves addresses as they are: sidecar.istio.io/interceptionMode: TPROXY.

# captured_by MODE: another Pod of details, whose traffic is captured that way; null is what all others have.
captured_by() {
    act kubectl -n $mesh patch deployment details-v1 -p \
        "{\"spec\": {\"template\": {\"metadata\": {\"annotations\": {\"sidecar.istio.io/interceptionMode\": $1}}}}}"
}
# come_from ADDRESS NAME: a page of details that was asked for from there, by whom.
come_from() { echo "^details-v1 .*from=${1//./\\.} xfcc=$2\$"; }

mesh_keeps_addresses() {
    section "the client's address"
    local client stranger identity=URI=spiffe://cluster.local/ns/$mesh/sa
    client=$(pod_address $mesh app=client)
    stranger=$(pod_address $outside app=client)
    act peer_authentication $mesh '{"mtls": {"mode": "STRICT"}}'
    within 10 "a redirected call comes from its proxy" page_says $mesh details:9080/x \
        "$(come_from 127.0.0.6 ".*$identity/client")"
    captured_by '"TPROXY"'
    within 90 "details is back with TPROXY" rolled_out $mesh
    within 20 "STRICT: the server sees its client's own address" page_says $mesh details:9080/x \
        "$(come_from "$client" ".*$identity/client")"
    check "and no plaintext is let in" no_page $outside details.$mesh:9080/x
    load $mesh details --requests 1000 --connections 8 >"$work/transparent.json"
    check "1,000 calls, none failed" json_holds "$work/transparent.json" 'o["failed"] == 0 and o["requests"] == 1000'
    check "its own calls leave with its name" page_says $mesh reviews:9080/x "$identity/bookinfo-details" details
    check "those to outside the mesh too" page_says $mesh reviews.$outside:9080/x '^reviews-v' details
    check "and those to itself, by its Service" page_says $mesh details:9080/x '^details-v1 ' details
    act peer_authentication $mesh '{"mtls": {"mode": "PERMISSIVE"}}'
    within 10 "PERMISSIVE: one from outside the mesh has its own address too" page_says $outside details.$mesh:9080/x \
        "$(come_from "$stranger" -)"
    act kubectl -n $mesh delete peerauthentication default
    captured_by null
    within 90 "details is back as it was" rolled_out $mesh
}
