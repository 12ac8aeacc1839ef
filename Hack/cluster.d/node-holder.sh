#!/bin/bash
# The process that is a node: it holds the node's network, mount and UTS namespaces, and gives it the folders a machine
# of its own would have. Started in new namespaces by node.sh: node-holder.sh NODE FOLDER PLACE...
set -euo pipefail
node=$1 folder=$2
shift 2

hostname "$node"

# A /run of its own. What is mounted below it here (other programs' namespaces) would otherwise be kept alive by us.
awk '$2 ~ "^/run/" { print $2 }' /proc/self/mounts | sort -r | xargs -r -n1 umount --lazy 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 1777 /run/lock

for place in "$@"; do
    mkdir -p "$folder$place"
    mount --bind "$folder$place" "$place"
done
mount --make-rshared /var/lib/kubelet
mkdir -p /opt/cni/bin /etc/cni/net.d
ln -s /usr/lib/cni/* /opt/cni/bin/

# The kubelet insists on these kernel settings. They are the machine's, so it gets files that say so.
pretend() {
    mkdir -p "$folder/sysctl"
    echo "$2" > "$folder/sysctl/${1//\//.}"
    mount --bind "$folder/sysctl/${1//\//.}" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000

touch "$folder/holds"
exec sleep infinity
