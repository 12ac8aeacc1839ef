# shellcheck shell=bash
# "status": of one cluster, or of all.

status() {
    local found
    if [[ $named == yes ]]; then
        found=$name
    else
        found=$(all_clusters)
    fi
    [[ $found ]] || { say "there is no cluster"; return; }
    for found in $found; do
        use_cluster "$found"
        status_of_cluster
    done
}

status_of_cluster() {
    local process word
    if ! read_settings; then
        echo "cluster $name: not there"
        return
    fi
    [[ -e $state/complete ]] && word='' || word=' (starting, or its start was interrupted)'
    echo "cluster $name: $server$word"
    echo "  export KUBECONFIG=$kubeconfig"
    for process in $(processes); do
        is_alive "$process" && word=alive || word=DEAD
        printf '  %-40s %8s  %s\n' "$process" "$(pid_of "$process")" "$word"
    done
    if [[ $kind == cluster && -e $state/complete ]]; then
        kubectl --kubeconfig "$kubeconfig" --request-timeout=3s get nodes -L topology.kubernetes.io/zone |
            sed 's/^/  /' || true
    fi
}
