#!/bin/bash
# Hack/image.d/rootfs.sh PROGRAM USER-NAME USER-ID FOLDER: the root file system of an image.
#
# The stripped program, the shared libraries it asks for, the certificate authorities of Debian's ca-certificates, a user
# without privileges, /tmp, and the licences of what was taken from Debian. No shell and no package manager.
set -euo pipefail
umask 022

program=$1 user=$2 id=$3 folder=$4
here=$(dirname "$(dirname "$(dirname "$(realpath "$0")")")")

rm -rf "$folder"
mkdir -p "$folder"/{etc/ssl/certs,usr/local/bin,usr/share/doc/apus,proc,sys,dev,run,var/run}
mkdir -m 1777 "$folder/tmp"

binary=$folder/usr/local/bin/$(basename "$program")
strip --strip-all -o "$binary" "$program"
chmod 755 "$binary"

# 1. Shared libraries, under the names the loader looks for. "linux-vdso" has no file.
licences=(ca-certificates)
while IFS= read -r library; do
    mkdir -p "$folder$(dirname "$library")"
    cp -L "$library" "$folder$library"
    chmod 755 "$folder$library"
    # Packages list the paths from before or after /lib became a link to /usr/lib.
    owner=$(dpkg-query -S "$library" "/usr$library" "$(realpath "$library")" 2>/dev/null | head -n 1 || true)
    [ -z "$owner" ] || licences+=("${owner%%:*}")
done < <(ldd "$program" | grep -o '/[^ ]*' | sort -u)
if ldd "$program" | grep -q 'not found'; then
    ldd "$program" | grep 'not found' >&2
    echo "error: $program asks for libraries this machine does not have" >&2
    exit 1
fi

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
for package in $(printf '%s\n' "${licences[@]}" | sort -u); do
    mkdir -p "$folder/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$folder/usr/share/doc/$package/copyright"
done
