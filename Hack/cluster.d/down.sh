# shellcheck shell=bash
# "down": ends every process of the cluster, and with them go its namespaces and mounts; then the state folder.

down() {
    lock_cluster
    if [[ ! -d $state ]] && [[ -z $(processes_in_cgroups) ]]; then
        remove_cgroups
        say "cluster \"$name\" is not there"
        return
    fi
    down_cluster
    say "cluster \"$name\" is gone"
}

down_cluster() {
    local all
    mapfile -t all < <(processes)
    # No farewell: nothing of it will be read again.
    end KILL 5 "${all[@]}"
    kill_cgroups
    remove_cgroups
    remove_uplink
    rm -rf "$state"
    remove_node_folders
}
