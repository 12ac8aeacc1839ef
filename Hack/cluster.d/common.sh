# shellcheck shell=bash
# What every part uses: where things are kept, how progress is told, how to wait for something.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/apus
clusters=$cache/clusters

# Words go to stderr: stdout is for the one thing a script wants to read.
started=$(date +%s%N)
say() { printf '[%6.1f s] %s\n' "$(( ($(date +%s%N) - started) / 100000000 ))e-1" "$*" >&2; }
die() {
    printf 'Hack/cluster: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

need_root_on_bookworm() {
    [[ $(id -u) == 0 ]] ||
        die "needs root, for network namespaces, mounts and cgroups" "Run it as root: sudo $0 ..."
    local id='' version=''
    if [[ -r /etc/os-release ]]; then
        id=$(. /etc/os-release && echo "${ID:-}")
        version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    fi
    [[ $id == debian && $version == 12 ]] ||
        die "needs Debian 12 (bookworm), this is ${id:-unknown} ${version:-}" \
            "The Kubernetes it builds is bookworm's source package. Elsewhere, point KUBECONFIG at a cluster of yours."
    [[ $(uname -m) == x86_64 ]] ||
        die "needs an x86_64 machine, this is $(uname -m)" "Elsewhere, point KUBECONFIG at a cluster of yours."
}

# A name becomes part of file names, node names and cgroup names.
check_name() {
    [[ $1 =~ ^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$ ]] ||
        die "\"$1\" is no cluster name" "Use at most 32 lower-case letters, digits and dashes, such as \"apus\"."
}

# wait_for SECONDS WHAT PROCESS COMMAND...: polls until the command succeeds. If the process that should make it so
# dies, or time is up, shows the end of that process's log.
wait_for() {
    local seconds=$1 what=$2 process=$3 reason=''
    shift 3
    local deadline=$((SECONDS + seconds))
    until "$@" > /dev/null 2>&1; do
        if ! is_alive "$process"; then
            reason="$process ended by itself"
        elif (( SECONDS >= deadline )); then
            reason="not after $seconds s"
        fi
        if [[ $reason ]]; then
            { echo "--- the end of $process's log"; tail -n 20 "$state/logs/$process.log"; echo '---'; } >&2
            die "waiting for $what: $reason" "All logs: $state/logs" \
                "To remove what did start: Hack/cluster down --name $name"
        fi
        sleep 0.05
    done
}
