# shellcheck shell=bash
# Debian packages. Asks apt only for what is missing, and keeps their services from starting.

# Building Kubernetes: Debian's Go, a C compiler for the pause program, and what goes into the test image.
build_packages=(golang-1.19-go patch gcc libc6-dev xz-utils util-linux openssl busybox-static iptables)
# etcd and kube-apiserver alone.
apiserver_packages=(etcd-server openssl curl ca-certificates util-linux iproute2 procps)
# A whole cluster: the nodes' parts and the helpers (DNS, metrics, load balancer addresses).
node_packages=("${apiserver_packages[@]}" containerd runc containernetworking-plugins iptables conntrack ebtables
    ethtool socat dnsmasq-base python3 mount)

missing_packages() {
    local present package
    # dpkg-query fails when it does not know one of them: that is an answer.
    present=$({ dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null || true; } |
        sed -n 's/^ii //p' | tr '\n' ' ')
    present=" $present"
    for package in "$@"; do
        [[ $present == *" $package "* ]] || echo "$package"
    done
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    (( ${#missing[@]} )) || return 0
    say "installing ${missing[*]}"
    fill_package_lists
    if ! without_services apt_try install -y --no-install-recommends "${missing[@]}" > /dev/null; then
        say "that failed; again, with new package lists"
        apt_get update
        without_services apt_get install -y --no-install-recommends "${missing[@]}"
    fi
}

# A kubectl of any version serves; without one, Debian's.
install_kubectl() {
    command -v kubectl > /dev/null || install_packages kubernetes-client
}

apt_try() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" 2>&1
}

apt_get() {
    local words
    words=$(apt_try "$@") || {
        printf '%s\n' "$words" >&2
        die "apt-get failed (its words are above): $*" "Check the machine's package sources, then run it again."
    }
}

# A machine may come without any: apt lists only the indexes it has.
fill_package_lists() {
    [[ $(apt-get indextargets --format '$(SITE)' 'Created-By: Packages') ]] || apt_get update
}

# Runs a command while Debian's policy hook forbids packages to start their services.
without_services() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    ( trap 'rm -f "$policy"' EXIT; "$@" )
}
