# shellcheck shell=bash
# Certificates that live a minute, and the mesh root replaced by another, under load and without a failed request.

# certificates_live WORKLOADS SECONDS: new Pods of the Deployments, with certificates that live so long.
certificates_live() {
    local deployment
    for deployment in $1; do
        act kubectl -n $mesh patch "$deployment" -p '{"spec": {"template": {"metadata": {"annotations":
            {"proxy.istio.io/config": "{\"proxyMetadata\": {\"SECRET_TTL\": \"'"$2"'s\"}}"}}}}}'
    done
}

# rolled_out NAMESPACE: its Deployments' newest Pods are available, and all others gone.
rolled_out() {
    local found
    found=$(kubectl -n "$1" get deployments -o json | python3 -c '
import json, sys
for one in json.load(sys.stdin)["items"]:
    status, wanted = one["status"], one["spec"]["replicas"]
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    if status.get("observedGeneration") != one["metadata"]["generation"] or counts != [wanted] * 3:
        print(one["metadata"]["name"], counts, "of", wanted)')
    found+=$(kubectl -n "$1" get pods -o 'jsonpath={range .items[?(@.metadata.deletionTimestamp)]}{.metadata.name} ends{"\n"}{end}')
    echo "$found"
    [ -z "$found" ]
}

certificates_rotate_under_load() {
    section "rotation"
    certificates_live "$(kubectl -n $mesh get deployments -o name | paste -sd' ')" 60
    within 180 "all services are back with certificates of a minute" rolled_out $mesh
    within 30 "a certificate says so" certificate_lives_at_most app=reviews,version=v1 90
    local before
    before=$(certificate_serial app=reviews,version=v1)
    rm -f "$work/enough"
    load $mesh reviews --requests 10000 --until "$work/enough" --rate 120 --connections 8 >"$work/rotation.json" &
    local loading=$!
    within 90 "the certificate is replaced by another" another_certificate app=reviews,version=v1 "$before"

    section "another mesh root, A to A+B to B"
    mesh_root "$work/a"
    new_root "$work/b"
    local a b
    a=$(fingerprint "$work/a.pem")
    b=$(fingerprint "$work/b.pem")
    plug_in "$work/a" "$work/a.pem" "$work/b.pem"
    within 150 "A signs, and every Envoy trusts A and B" everyone_trusts "$a $b"
    within 150 "the gateway too, whose certificate lives a day" trusts "$namespace_of_iop" app=istio-ingressgateway "$a $b"
    plug_in "$work/b" "$work/a.pem" "$work/b.pem"
    within 150 "B signs for every Envoy" everyone_has_one_of "$b"
    plug_in "$work/b" "$work/b.pem"
    within 150 "every Envoy trusts B alone" everyone_trusts "$b"
    check "and plaintext is not what carries them" page_says $mesh productpage:9080/productpage \
        "URI=spiffe://cluster.local/ns/$mesh/sa/bookinfo-productpage"

    touch "$work/enough"
    wait "$loading"
    check "10,000 requests all the while, none failed" json_holds "$work/rotation.json" \
        'o["failed"] == 0 and o["requests"] >= 10000'
    rm -f "$work"/[ab].key
}

# mesh_root STEM: certificate and key of what signs now, as STEM.pem and STEM.key.
mesh_root() {
    local secret=istio-ca-secret
    if kubectl -n "$namespace_of_iop" get secret cacerts >/dev/null 2>&1; then secret=cacerts; fi
    kubectl -n "$namespace_of_iop" get secret $secret -o 'jsonpath={.data.ca-cert\.pem}' | base64 -d >"$1.pem"
    kubectl -n "$namespace_of_iop" get secret $secret -o 'jsonpath={.data.ca-key\.pem}' | base64 -d >"$1.key"
}
new_root() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /O=apus-test/CN=B \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
fingerprint() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-16; }
# plug_in STEM ROOT…: Secret cacerts: who signs, and who is trusted.
plug_in() {
    local stem=$1
    shift
    cat "$@" >"$work/roots.pem"
    kubectl -n "$namespace_of_iop" create secret generic cacerts --dry-run=client -o yaml \
        --from-file=ca-cert.pem="$stem.pem" --from-file=ca-key.pem="$stem.key" --from-file=cert-chain.pem="$stem.pem" \
        --from-file=root-cert.pem="$work/roots.pem" >"$work/cacerts.yaml"
    act kubectl apply -f "$work/cacerts.yaml"
    rm -f "$work/cacerts.yaml"
}

# secret_of NAMESPACE SELECTOR NAME: PEM text of an Envoy's certificate chain (default) or roots (ROOTCA).
secret_of() {
    in_pod "$1" "$2" istio-proxy curl -s --max-time 5 'http://127.0.0.1:15000/config_dump?resource=dynamic_active_secrets' |
        python3 -c '
import base64, json, sys
for entry in json.load(sys.stdin).get("configs", []):
    secret = entry["secret"]
    if entry["name"] == sys.argv[1]:
        kept = secret.get("validation_context", {}).get("trusted_ca") or secret["tls_certificate"]["certificate_chain"]
        print(base64.b64decode(kept["inline_bytes"]).decode())' "$3"
}
# fingerprints: of the certificates in the PEM text on standard input, a line each.
fingerprints() {
    python3 -c '
import base64, hashlib, re, sys
for block in re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END", sys.stdin.read(), re.S):
    print(hashlib.sha256(base64.b64decode(block)).hexdigest()[:16])'
}
trusts() {
    local found
    found=$(secret_of "$1" "$2" ROOTCA | fingerprints | sort | paste -sd' ')
    echo "$2 trusts '$found'"
    [ "$found" = "$(tr ' ' '\n' <<<"$3" | sort | paste -sd' ')" ]
}
everyone_trusts() {
    local workload
    for workload in "${WORKLOADS[@]}"; do trusts $mesh "$workload" "$1" || return 1; done
}
# Whose chain ends in that root: the chain is told with it, or was signed by it.
everyone_has_one_of() {
    local workload
    for workload in "${WORKLOADS[@]}"; do
        secret_of $mesh "$workload" default >"$work/chain.pem"
        openssl verify -CAfile "$work/b.pem" -untrusted "$work/chain.pem" "$work/chain.pem" || {
            echo "of $workload, which should hang on $1"
            return 1
        }
    done
}

certificate_field() {
    in_pod $mesh "$1" istio-proxy curl -s --max-time 5 http://127.0.0.1:15000/certs | python3 -c '
import json, sys
chains = [c for e in json.load(sys.stdin)["certificates"] for c in e.get("cert_chain", [])]
print(chains[0][sys.argv[1]])' "$2"
}
certificate_serial() { certificate_field "$1" serial_number; }
another_certificate() {
    local now
    now=$(certificate_serial "$1") || return 1
    [ -n "$now" ] && [ "$now" != "$2" ]
}
certificate_lives_at_most() {
    local until
    until=$(certificate_field "$1" expiration_time) || return 1
    echo "until $until"
    [ $(($(date -d "$until" +%s) - $(date +%s))) -le "$2" ]
}
