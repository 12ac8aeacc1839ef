# shellcheck shell=bash
# The cluster's cgroups: apus/CLUSTER/system for the control plane and apus/CLUSTER/NODE for each node. A node's kubelet
# takes the latter as its root for Pods. Everything in them is ours, so "down" can end what is in them.

cgroup_v2() { [[ -e /sys/fs/cgroup/cgroup.controllers ]]; }

# The folders that can hold cgroup $1: one for each v1 hierarchy, or the only one of v2.
cgroup_folders() {
    if cgroup_v2; then
        echo "/sys/fs/cgroup/apus/$1"
        return
    fi
    local hierarchy
    for hierarchy in /sys/fs/cgroup/*/; do
        [[ ! -e ${hierarchy}cgroup.procs || -L ${hierarchy%/} ]] || echo "${hierarchy}apus/$1"
    done
}

# The one hierarchy in which the system processes are kept together. Not one that shares out the CPU: a group there
# would weigh as little as a single process of the machine.
tracking_folder() {
    if cgroup_v2; then
        echo "/sys/fs/cgroup/apus/$1"
    else
        echo "/sys/fs/cgroup/pids/apus/$1"
    fi
}

make_node_cgroup() {
    local folder weight
    weight=$(( $(nproc) * 1024 ))
    while read -r folder; do
        if cgroup_v2; then
            echo "+cpu +cpuset +memory +pids" > /sys/fs/cgroup/cgroup.subtree_control
            mkdir -p "$folder/pods"
            echo "+cpu +cpuset +memory +pids" > /sys/fs/cgroup/apus/cgroup.subtree_control
            echo "+cpu +cpuset +memory +pids" > "${folder%/*}/cgroup.subtree_control"
            echo "+cpu +cpuset +memory +pids" > "$folder/cgroup.subtree_control"
            echo "+cpu +cpuset +memory +pids" > "$folder/pods/cgroup.subtree_control"
            continue
        fi
        mkdir -p "$folder/pods"
        case $folder in
            */cpu/* | */cpu,cpuacct/*)
                for folder in "$folder/pods" "$folder" "${folder%/*}" "${folder%/*/*}"; do
                    echo "$weight" > "$folder/cpu.shares"
                done ;;
            */cpuset/*)
                for folder in "${folder%/*/*}" "${folder%/*}" "$folder" "$folder/pods"; do
                    cat "${folder%/*}/cpuset.cpus" > "$folder/cpuset.cpus"
                    cat "${folder%/*}/cpuset.mems" > "$folder/cpuset.mems"
                done ;;
        esac
    done < <(cgroup_folders "$name/$1")
}

enter_cgroup() {
    local folder
    folder=$(tracking_folder "$name/$1")
    mkdir -p "$folder"
    echo "$BASHPID" > "$folder/cgroup.procs"
}

# Every process in the cluster's cgroups, Pods' included.
processes_in_cgroups() {
    local folder
    cgroup_folders "$name" | while read -r folder; do
        if [[ -d $folder ]]; then
            find "$folder" -name cgroup.procs -exec cat {} + 2>/dev/null || true
        fi
    done | sort -un
}

kill_cgroups() {
    local tries=200 pids
    while mapfile -t pids < <(processes_in_cgroups) && (( ${#pids[@]} )); do
        (( tries-- > 0 )) || die "processes of cluster \"$name\" do not end: ${pids[*]}"
        kill -s KILL "${pids[@]}" 2>/dev/null || true
        sleep 0.05
    done
}

remove_cgroups() {
    local folder
    cgroup_folders "$name" | while read -r folder; do
        [[ -d $folder ]] || continue
        find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true
        rmdir "${folder%/*}" 2>/dev/null || true   # stays while another cluster has one in it
    done
}
