#!/bin/bash
# Hack/image.d/rootfs.sh PROGRAM USER-NAME USER-ID FOLDER: the root file system of an image.
#
# The stripped program, the shared libraries it asks for, the certificate authorities of Debian's ca-certificates, a user
# without privileges, /tmp, and the licences of what was taken from Debian. No shell and no package manager.
set -euo pipefail
umask 022

program=$1 user=$2 id=$3 folder=$4
here=$(dirname "$(dirname "$(dirname "$(realpath "$0")")")")
# shellcheck source=Hack/image.d/libraries.sh
source "$here/Hack/image.d/libraries.sh"

rm -rf "$folder"
mkdir -p "$folder"/{etc/ssl/certs,usr/local/bin,usr/share/doc/apus,proc,sys,dev,run,var/run}
mkdir -m 1777 "$folder/tmp"

binary=$folder/usr/local/bin/$(basename "$program")
strip --strip-all -o "$binary" "$program"
chmod 755 "$binary"

# 1. Shared libraries.
licences=(ca-certificates)
libraries_of "$folder" "$program"

# 2. Certificate authorities: those of the package, not what was added to this machine.
find /usr/share/ca-certificates/mozilla -name '*.crt' -print0 | LC_ALL=C sort -z | xargs -0 cat \
    >"$folder/etc/ssl/certs/ca-certificates.crt"

# 3. Users and names.
cat >"$folder/etc/passwd" <<END
root:x:0:0:root:/:/sbin/nologin
$user:x:$id:$id:$user:/:/sbin/nologin
END
cat >"$folder/etc/group" <<END
root:x:0:
$user:x:$id:
END
echo 'hosts: files dns' >"$folder/etc/nsswitch.conf"

# 4. Licences.
cp "$here/LICENSE" "$folder/usr/share/doc/apus/LICENSE"
licences_in "$folder"
