# shellcheck shell=bash
# The two images a bare cluster starts with, made without Docker and cached: pause, which holds a Pod's namespaces, and
# docker.io/local/busybox:1, a shell with iptables for Pods in tests.

images=$cache/images/$(cat "$parts/images.sh" "$parts/kubernetes-recipe.sh" | sha256sum | head -c 12)
pause_image=docker.io/local/pause:1
busybox_image=docker.io/local/busybox:1

make_images() {
    [[ -e $images/busybox.tar && -e $images/pause.tar ]] && return
    install_packages busybox-static iptables
    say "making the images $pause_image and $busybox_image"
    mkdir -p "$images"
    local work
    work=$(mktemp -d)
    mkdir -p "$work/pause"
    cp "$bin/pause" "$work/pause/pause"
    docker_archive "$images/pause.tar" "$pause_image" "$work/pause" '["/pause"]'
    busybox_files "$work/busybox"
    docker_archive "$images/busybox.tar" "$busybox_image" "$work/busybox" '["/bin/sh"]'
    rm -rf "$work"
}

busybox_files() {
    local root=$1 libraries=usr/lib/x86_64-linux-gnu applet program library name
    mkdir -p "$root"/{bin,sbin,etc,proc,sys,dev,run,var,lib64,usr/sbin,"$libraries"}
    mkdir -m 1777 "$root/tmp"
    cp /bin/busybox "$root/bin/busybox"
    for applet in $(/bin/busybox --list); do
        [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
    done
    for program in xtables-nft-multi xtables-legacy-multi; do
        cp "/usr/sbin/$program" "$root/usr/sbin/"
        for library in $(ldd "/usr/sbin/$program" | grep -o '/[^ ]*'); do
            mkdir -p "$root${library%/*}"
            cp -L "$library" "$root$library"
        done
    done
    cp -a "/$libraries/xtables" "$root/$libraries/"
    for name in iptables iptables-save iptables-restore; do
        ln -s xtables-nft-multi "$root/usr/sbin/$name"
        ln -s xtables-legacy-multi "$root/usr/sbin/${name/iptables/iptables-legacy}"
    done
    printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' > "$root/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' > "$root/etc/group"
}

# docker_archive FILE NAME ROOT COMMAND-JSON: one layer, the same bytes from the same files.
docker_archive() {
    local file=$1 name=$2 root=$3 command=$4 work sum
    local plain=(--numeric-owner --owner=0 --group=0 --mtime=@0 --sort=name)
    work=$(mktemp -d)
    tar -C "$root" "${plain[@]}" -cf "$work/layer.tar" .
    sum=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
    cat > "$work/config.json" <<JSON
{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin:/sbin:/usr/bin:/usr/sbin"],"Cmd":$command},
 "rootfs":{"type":"layers","diff_ids":["sha256:$sum"]}}
JSON
    cat > "$work/manifest.json" <<JSON
[{"Config":"config.json","RepoTags":["$name"],"Layers":["layer.tar"]}]
JSON
    tar -C "$work" "${plain[@]}" -cf "$file.part" manifest.json config.json layer.tar
    mv "$file.part" "$file"
    rm -rf "$work"
}
