#!/bin/bash
# matrix-certificates.sh FOLDER ROOT-CERTIFICATE ROOT-KEY: certificates of callers that should and should not be let in.
set -euo pipefail

folder=$1
mkdir -p "$folder"
cp "$2" "$folder/root.pem"
cp "$3" "$folder/root.key"
cd "$folder"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /O=elsewhere \
    -keyout elsewhere.key -out elsewhere.pem 2>/dev/null

# leaf NAME ROOT SUBJECT-ALTERNATIVE-NAME FROM-DATE TO-DATE
leaf() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=critical,%s\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n' "$3" >"$1.ext"
    rm -rf "$1.ca"
    mkdir "$1.ca"
    touch "$1.ca/index"
    cat >"$1.ca/config" <<END
[ca]
default_ca = own
[own]
database = $1.ca/index
new_certs_dir = $1.ca
rand_serial = yes
policy = any
default_md = sha256
[any]
commonName = optional
END
    openssl ca -batch -config "$1.ca/config" -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" -notext \
        -startdate "$4" -enddate "$5" -extfile "$1.ext" 2>/dev/null
}
past=$(date -u -d '-3 days' +%Y%m%d%H%M%SZ)
yesterday=$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)
tomorrow=$(date -u -d '+1 day' +%Y%m%d%H%M%SZ)
leaf right root URI:spiffe://cluster.local/ns/elsewhere/sa/caller "$yesterday" "$tomorrow"
leaf foreign-domain root URI:spiffe://other.example/ns/elsewhere/sa/caller "$yesterday" "$tomorrow"
leaf wrong-name root DNS:caller.example "$yesterday" "$tomorrow"
leaf expired root URI:spiffe://cluster.local/ns/elsewhere/sa/caller "$past" "$yesterday"
leaf foreign-root elsewhere URI:spiffe://cluster.local/ns/elsewhere/sa/caller "$yesterday" "$tomorrow"
