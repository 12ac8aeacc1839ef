# shellcheck shell=bash
# One folder per cluster: $clusters/NAME with settings, pki/, commands/, pids/, logs/, etcd/, nodes/ and
# admin.kubeconfig.

use_cluster() {
    check_name "$1"
    name=$1
    state=$clusters/$name
    settings=$state/settings
    kubeconfig=$state/admin.kubeconfig
}

# What "up" chose is kept as shell assignments, for "status", "load", "enter" and "down".
keep_settings() { declare -p "$@" | sed 's/^declare -[^ ]* //' > "$settings"; }
read_settings() {
    # shellcheck source=/dev/null
    [[ -r $settings ]] && . "$settings"
}

# Only one command at a time changes a cluster. The lock is outside its folder, which "down" removes.
lock_cluster() {
    mkdir -p "$clusters/.locks"
    exec 8> "$clusters/.locks/$name"
    flock --nonblock 8 || { say "another command works on cluster \"$name\", waiting"; flock 8; }
}
# Held while free ports or addresses are looked for and written down.
lock_addresses() {
    exec 9> "$clusters/.locks/-addresses"
    flock 9
}
unlock_addresses() { exec 9>&-; }

all_clusters() {
    local folder
    for folder in "$clusters"/*/; do
        [[ -d $folder ]] && basename "$folder"
    done
    return 0
}
