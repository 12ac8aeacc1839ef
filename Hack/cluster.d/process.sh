# shellcheck shell=bash
# Starting and ending the cluster's processes. commands/NAME holds how one is started, for a start after a stop.
# pids/NAME holds "PID START-TIME": a pid that was given to another process since then has another start time, so
# nothing that is not ours is ever signalled.

# start NAME GROUP COMMAND...: GROUP is the process's cgroup below the cluster's ("" for none).
start() {
    local process=$1 group=$2
    shift 2
    local arguments=("$@")
    declare -p group arguments | sed 's/^declare -[^ ]* //' > "$state/commands/$process"
    (
        exec < /dev/null > "$state/logs/$process.log" 2>&1
        close_other_files
        [[ -z $group ]] || enter_cgroup "$group"
        cd "$state"
        exec setsid "$@"
    ) &
    echo "$! $(start_time $!)" > "$state/pids/$process"
}

# Locks and pipes of whoever called us are not to live as long as the cluster.
close_other_files() {
    local file
    for file in "/proc/$BASHPID/fd"/*; do
        (( ${file##*/} <= 2 )) || eval "exec ${file##*/}>&-"
    done
}

# Field 22 of /proc/PID/stat, counted behind the command's name, which may hold spaces.
start_time() {
    local stat
    { read -r stat < "/proc/$1/stat"; } 2>/dev/null || { echo gone; return; }
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [[ $1 == Z ]] && echo gone || echo "${20}"
}

pid_of() {
    local pid time
    { read -r pid time < "$state/pids/$1"; } 2>/dev/null && echo "$pid"
}

is_alive() {
    local pid time
    { read -r pid time < "$state/pids/$1"; } 2>/dev/null && [[ $time != gone && $(start_time "$pid") == "$time" ]]
}

processes() {
    local file
    for file in "$state"/{commands,pids}/*; do
        [[ ! -e $file ]] || basename "$file"
    done | sort -u
}

# end SIGNAL SECONDS NAME...: asks all of them, waits, then kills.
end() {
    local signal=$1 seconds=$2 process
    shift 2
    for process in "$@"; do
        is_alive "$process" && kill -s "$signal" "$(pid_of "$process")" 2>/dev/null
    done
    local tries=$((seconds * 20))
    for process in "$@"; do
        while is_alive "$process" && (( tries-- > 0 )); do sleep 0.05; done
        while is_alive "$process"; do
            kill -s KILL "$(pid_of "$process")" 2>/dev/null || true
            sleep 0.05
        done
        rm -f "$state/pids/$process"
    done
}

# The commands "stop" and "start": for tests of what others do while a part of the cluster is away.
stop_processes() {
    need_processes stop "$@"
    local signal=TERM
    [[ $kill == no ]] || signal=KILL
    end "$signal" 10 "$@"
    say "stopped: $*"
}

start_processes() {
    need_processes start "$@"
    local process
    for process in "$@"; do
        is_alive "$process" || start_again "$process"
    done
    wait_for 240 "the API server" kube-apiserver apiserver_is_ready
    say "started: $*"
}

start_again() {
    local group arguments
    # shellcheck source=/dev/null
    . "$state/commands/$1"
    start "$1" "$group" "${arguments[@]}"
}

need_processes() {
    local command=$1 process
    shift
    lock_cluster
    read_settings || die "there is no cluster \"$name\"" "Start it: Hack/cluster up --name $name"
    (( $# )) || die "$command needs the name of a process" "It has: $(processes | paste -sd ' ')"
    for process in "$@"; do
        [[ -e $state/commands/$process && $process != control-plane && ! -d $state/nodes/$process ]] ||
            die "cannot $command \"$process\" of cluster \"$name\"" "It has: $(processes | paste -sd ' ')" \
                "What only holds namespaces cannot be stopped alone."
    done
}
