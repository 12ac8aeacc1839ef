#!/bin/bash
# zookeeper-image.sh FILE: an image archive of ZooKeeper, docker.io/apus-test/zookeeper:1, made of Debian's packages without
# Docker. Holds Java, the server's libraries, and busybox for a shell; nothing is installed on this machine but Java.
set -euo pipefail
# shellcheck source=Hack/lib.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../lib.sh"

file=$1
PACKAGES=(libzookeeper-java libslf4j-java liblog4j1.2-java libnetty-java libjctools-java libdropwizard-metrics-java
    libjackson2-core-java libjackson2-annotations-java libjackson2-databind-java libsnappy-java libcommons-cli-java)

made=$(cat "${BASH_SOURCE[0]}" Hack/image.d/archive.py | sha256sum)
if [ -e "$file" ] && [ "$(cat "$file.parts" 2>/dev/null)" = "$made" ]; then exit 0; fi
apt_install openjdk-17-jre-headless busybox-static
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$work/debs" "$root"/{bin,etc,tmp,data,opt/zookeeper,usr/lib/jvm}
chmod 777 "$root"/{data,tmp}

# apt drops its rights to a user that has to be allowed in.
chmod 755 "$work"
chmod 777 "$work/debs"
if ! (cd "$work/debs" && apt-get -qq download "${PACKAGES[@]}" >"$work/apt.log" 2>&1); then
    apt-get -qq update >>"$work/apt.log" 2>&1 || true
    (cd "$work/debs" && apt-get -qq download "${PACKAGES[@]}" >>"$work/apt.log" 2>&1) ||
        { cat "$work/apt.log" >&2 && die "the packages of ZooKeeper cannot be had from Debian's archive"; }
fi
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/unpacked"; done
# Each library once, under its name without a version.
for jar in "$work"/unpacked/usr/share/java/{zookeeper,zookeeper-jute,slf4j-api,slf4j-log4j12,log4j-1.2,netty-all,jctools-core,metrics-core,jackson-core,jackson-annotations,jackson-databind,snappy-java,commons-cli}.jar; do
    [ ! -e "$jar" ] || cp -L "$jar" "$root/opt/zookeeper/"
done
ls "$root"/opt/zookeeper/zookeeper.jar >/dev/null || die "Debian's libzookeeper-java holds no zookeeper.jar"

java=$(dirname "$(dirname "$(realpath "$(command -v /usr/lib/jvm/java-17-openjdk-*/bin/java)")")")
mkdir -p "$root$java"
cp -rL "$java/bin" "$java/lib" "$java/conf" "$root$java/" 2>/dev/null || [ -x "$root$java/bin/java" ]
find "$root$java/bin" -type f ! -name java -delete
rm -rf "$root$java"/lib/{src.zip,ct.sym,security/cacerts,server/classes_nocoops.jsa}
ln -s "$java" "$root/usr/lib/jvm/java"
while IFS= read -r library; do
    mkdir -p "$root$(dirname "$library")"
    [ -e "$root$library" ] || cp -L "$library" "$root$library"
done < <({ find "$root$java" -name '*.so' -exec env LD_LIBRARY_PATH="$java/lib:$java/lib/server" ldd {} + 2>/dev/null
    ldd "$java/bin/java"; } | grep -o '/[^ ]*' | grep -v "$java" | grep -v ':$' | sort -u)
# Names are looked up by glibc's modules, which nothing links.
for library in /lib/x86_64-linux-gnu/libnss_dns.so.2 /lib/x86_64-linux-gnu/libnss_files.so.2 /lib/x86_64-linux-gnu/libresolv.so.2; do
    [ ! -e "$library" ] || { mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"; }
done

cp -L /bin/busybox "$root/bin/busybox"
for applet in sh cat echo grep nc sed sleep mkdir; do ln -s busybox "$root/bin/$applet"; done
printf 'root:x:0:0:root:/:/bin/sh\nzookeeper:x:1000:1000:zookeeper:/data:/bin/sh\n' >"$root/etc/passwd"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
cat >"$root/opt/zookeeper/log4j.properties" <<END
log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p [%t:%C{1}@%L] - %m%n
END
# The member's number is the Pod's, from one on.
cat >"$root/bin/zookeeper" <<END
#!/bin/sh
mkdir -p /data/version-2
echo \$((\${HOSTNAME##*-} + 1)) > /data/myid
exec /usr/lib/jvm/java/bin/java -Xmx96m -Djava.net.preferIPv4Stack=true -Dlog4j.configuration=file:/opt/zookeeper/log4j.properties \\
    -cp '/opt/zookeeper/*' org.apache.zookeeper.server.quorum.QuorumPeerMain /etc/zookeeper/zoo.cfg
END
chmod 755 "$root/bin/zookeeper"
mkdir -p "$(dirname "$file")"
python3 Hack/image.d/archive.py --root "$root" --name docker.io/apus-test/zookeeper:1 --user 1000:1000 \
    --entrypoint /bin/zookeeper --output "$file"
printf '%s\n' "$made" >"$file.parts"
