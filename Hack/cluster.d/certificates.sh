# shellcheck shell=bash
# The cluster's certificate authority, one certificate for each component, and kubeconfigs with all of it inside.

make_authority() {
    local pki=$state/pki
    mkdir -m 700 "$pki"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$name-ca" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature \
        -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
    # Service account tokens: RSA, as in most clusters.
    openssl genrsa -out "$pki/service-accounts.key" 2048 2>/dev/null
    openssl rsa -in "$pki/service-accounts.key" -pubout -out "$pki/service-accounts.pub" 2>/dev/null
}

# certificate FILE SUBJECT [SUBJECT-ALTERNATIVE-NAMES]: a server's if it has names, a client's otherwise.
certificate() {
    local file=$state/pki/$1 subject=$2 names=${3:-}
    local extensions='keyUsage=critical,digitalSignature'
    if [[ $names ]]; then
        extensions+=$'\n'"extendedKeyUsage=serverAuth"$'\n'"subjectAltName=$names"
    else
        extensions+=$'\n'"extendedKeyUsage=clientAuth"
    fi
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$subject" -keyout "$file.key" 2>/dev/null |
        openssl x509 -req -CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" -set_serial "0x$(openssl rand -hex 15)" \
            -days 3650 -extfile <(echo "$extensions") -out "$file.crt" 2>/dev/null
}

# client NAME SUBJECT SERVER FILE: a client certificate and the kubeconfig that uses it.
client() {
    certificate "$1" "$2"
    write_kubeconfig "$1" "$3" "$4"
}

write_kubeconfig() {
    local pki=$state/pki user=$1 server=$2 file=$3
    (
        umask 077
        cat > "$file" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: $name
  cluster:
    server: $server
    certificate-authority-data: $(base64 -w0 < "$pki/ca.crt")
users:
- name: $user
  user:
    client-certificate-data: $(base64 -w0 < "$pki/$user.crt")
    client-key-data: $(base64 -w0 < "$pki/$user.key")
contexts:
- name: $name
  context:
    cluster: $name
    user: $user
current-context: $name
YAML
    )
}

# make_certificates SERVER-URL API-SERVER-NAMES: all the control plane needs.
make_certificates() {
    local server=$1 names=$2 service=kubernetes dns=localhost
    for service in kubernetes{,.default,.default.svc,.default.svc.cluster.local}; do dns+=",DNS:$service"; done
    make_authority
    certificate apiserver /CN=kube-apiserver "DNS:$dns,$names"
    certificate kubelet-client /CN=kube-apiserver-kubelet-client
    certificate front-proxy /CN=front-proxy
    client admin /O=system:masters/CN=admin "$server" "$kubeconfig"
    client controller-manager /CN=system:kube-controller-manager "$server" "$state/pki/controller-manager.kubeconfig"
}
