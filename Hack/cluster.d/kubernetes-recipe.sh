# shellcheck shell=bash
# How Kubernetes is made from Debian's source package. The hash of this file names the cache folder of the result, so a
# change here is a new build.
#
# The "really" in the version is meant: the orig tarball is upstream's v1.20.2, complete with its vendor folder.
# The vendored reflect2 1.0.1 crashes kube-apiserver at the first custom resource when built with Go 1.18 or later;
# Debian's 1.0.2 takes its place. And one constant is changed: at each start the kubelet asks five times, a second
# apart, for a Docker that is not there; now it does not.

kubernetes_version=1.20.2
kubernetes_commit=faecb196815e248d3ecfb03c680a4507229c2a56
kubernetes_date=2021-01-13T13:20:00Z
kubernetes_programs=(kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet)

source_package=kubernetes
source_version=1.20.5+really1.20.2
source_revision=1.1+deb12u1
reflect2_package=golang-github-modern-go-reflect2-dev
reflect2_version=1.0.2-2

orig_tarball=${source_package}_${source_version}.orig.tar.gz
debian_tarball=${source_package}_${source_version}-${source_revision}.debian.tar.xz
reflect2_archive=${reflect2_package}_${reflect2_version}_all.deb
docker_lookup=vendor/github.com/google/cadvisor/container/docker/factory.go

checksums() {
    cat <<SUMS
b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc  $orig_tarball
9b6e5fd41769d2b5badf2e73b274e3bcd90f85e13d06a1a4a845ccce018127d8  $debian_tarball
af150a5172cf4c19bb321a53e67103e7fb18d07c1baa1e816a235155265d3948  $reflect2_archive
SUMS
}

# Downloads through apt lists of their own, so the machine's stay as they are. The archive's address is the one the
# machine's apt already uses for bookworm.
fetch_sources() {
    local work=$1 site options
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    [[ -n $site ]] ||
        die "apt knows no bookworm packages" "Add a bookworm \"deb\" line to its sources and run apt-get update."
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    printf '%s %s bookworm main\n' deb "$site" deb-src "$site" > "$work/apt/sources.list"
    options=(-o "Dir::State::Lists=$work/apt/lists" -o "Dir::Etc::sourcelist=$work/apt/sources.list"
        -o Dir::Etc::sourceparts=/dev/null -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
    (
        cd "$work"
        apt_get "${options[@]}" update
        apt_get "${options[@]}" source --download-only "$source_package=$source_version-$source_revision"
        apt_get "${options[@]}" download "$reflect2_package=$reflect2_version"
        checksums | sha256sum --check --quiet ||
            die "a download is not what is pinned (see above)" \
                "Nothing was built. Check the archive the machine's apt uses."
    )
}

unpack_sources() {
    local work=$1 tree=$2 patch
    mkdir -p "$tree"
    tar -xzf "$work/$orig_tarball" -C "$tree" --strip-components=1
    tar -xJf "$work/$debian_tarball" -C "$tree"
    while read -r patch _; do
        [[ -z $patch || $patch == \#* ]] || patch -d "$tree" -sp1 < "$tree/debian/patches/$patch"
    done < "$tree/debian/patches/series"
    dpkg -x "$work/$reflect2_archive" "$work/reflect2"
    rm -rf "$tree/vendor/github.com/modern-go/reflect2"
    cp -a "$work/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2" "$tree/vendor/github.com/modern-go/"
    sed -i 's/^const rootDirRetries = 5$/const rootDirRetries = 0/' "$tree/$docker_lookup"
    grep -q '^const rootDirRetries = 0$' "$tree/$docker_lookup"
}

# The one generated file that upstream does not commit. Upstream's list of known violations checks the generation.
generate_openapi() {
    local work=$1 tree=$2 folders
    cd "$tree"
    $go build -o "$work/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
    folders=$(
        { grep -rl --include='*.go' '^// *+k8s:openapi-gen=' cmd pkg plugin || true
          # With the slash: the folders are links into staging/, which grep -r does not follow by itself.
          for folder in vendor/k8s.io/*; do
              grep -rl --include='*.go' '^// *+k8s:openapi-gen=' "$folder/" || true
          done
        } | grep -v -e code-generator -e sample-apiserver -e '_test.go$' |
            xargs -n1 dirname | sort -u | sed 's,^,k8s.io/kubernetes/,' | paste -sd,
    )
    nice "$work/openapi-gen" --logtostderr -i "$folders" -p k8s.io/kubernetes/pkg/generated/openapi \
        -O zz_generated.openapi -h hack/boilerplate/boilerplate.generatego.txt -r "$work/violations"
    cmp "$work/violations" api/api-rules/violation_exceptions.list
}

# Prints each package as it is compiled (go build -v), for the progress count.
compile_programs() {
    local tree=$1 bin=$2 flags='-s -w' package
    cd "$tree"
    for package in client-go/pkg/version component-base/version; do
        package=k8s.io/kubernetes/vendor/k8s.io/$package
        flags+=" -X $package.gitVersion=v$kubernetes_version -X $package.gitMajor=1 -X $package.gitMinor=20"
        flags+=" -X $package.gitTreeState=clean -X $package.gitCommit=$kubernetes_commit"
        flags+=" -X $package.buildDate=$kubernetes_date"
    done
    $go build -v -trimpath -ldflags "$flags" -o "$bin/" "${kubernetes_programs[@]/#/k8s.io/kubernetes/cmd/}"
    gcc -Os -static -s -o "$bin/pause" build/pause/linux/pause.c
}

use_go_in() {
    local work=$1
    export GOPATH=$work/gopath GOCACHE=$work/gocache GO111MODULE=off GOFLAGS='' GOPROXY=off GOSUMDB=off
    export GOTOOLCHAIN=local CGO_ENABLED=0
    go='nice /usr/lib/go-1.19/bin/go'
}
