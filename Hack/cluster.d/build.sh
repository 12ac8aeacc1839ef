# shellcheck shell=bash
# Builds Kubernetes once and keeps it: a finished build is renamed into place, so there is never half a one.

kubernetes_builds=$cache/kubernetes
kubernetes_build=$kubernetes_builds/$kubernetes_version-$(sha256sum < "$parts/kubernetes-recipe.sh" | head -c 12)
bin=$kubernetes_build/bin

is_built() { [[ -x $bin/kube-apiserver ]]; }

build_kubernetes() {
    if is_built; then
        say "Kubernetes $kubernetes_version is built: $bin"
        return
    fi
    mkdir -p "$kubernetes_builds"
    (
        flock --nonblock 9 || { say "another build is running, waiting for it"; flock 9; }
        if ! is_built; then build_in_work_folder; fi
    ) 9> "$kubernetes_builds/lock"
    is_built || die "Kubernetes was not built"
    say "Kubernetes $kubernetes_version is in $bin"
}

build_in_work_folder() {
    # The lock is ours, so what is left here is of a build that was killed.
    rm -rf "$kubernetes_builds"/work.*
    local work tree
    work=$(mktemp -d "$kubernetes_builds/work.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    trap 'exit 130' INT TERM
    install_packages "${build_packages[@]}"
    say "downloading the source of Kubernetes $kubernetes_version (34 MB)"
    fill_package_lists
    fetch_sources "$work"
    use_go_in "$work"
    tree=$GOPATH/src/k8s.io/kubernetes
    say "unpacking it"
    unpack_sources "$work" "$tree"
    say "generating the OpenAPI definitions"
    logged "$work/openapi.log" generate_openapi "$work" "$tree"
    say "compiling ${kubernetes_programs[*]} (some minutes)"
    mkdir -p "$work/result/bin"
    count_packages "$work/compile.log" &
    logged "$work/compile.log" compile_programs "$tree" "$work/result/bin"
    mv "$work/result" "$kubernetes_build"
}

# logged FILE COMMAND...: keeps what the command says, and shows its end if it fails.
logged() {
    local log=$1 result=0
    shift
    # Not "if ! ( ... )": bash would not stop at the first failure inside it.
    set +e
    ( set -e; "$@" ) > "$log" 2>&1
    result=$?
    set -e
    if (( result )); then
        tail -n 30 "$log" >&2
        die "building Kubernetes stopped: $1 failed (see above)"
    fi
}

# A line every 20 s, until the compiler's log is gone with its folder.
count_packages() {
    while sleep 20 && [[ -e $1 ]]; do
        say "  $(wc -l < "$1") packages compiled"
    done
} 9>&-
