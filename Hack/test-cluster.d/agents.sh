# shellcheck shell=bash
# What the agents of the mesh take: memory that belongs to each of them (Pss), resident memory, time of a CPU.

AGENT_LIMIT_KB=30000

# agents_take: PSS RSS CPU of each agent, in kB and ms, a line each.
agents_take() {
    local workload pid ticks
    ticks=$(getconf CLK_TCK)
    for workload in "${WORKLOADS[@]}"; do
        pid=$(process_of $mesh "$workload" istio-proxy pilot-agent) || continue
        # Behind the command's name, which is in parentheses, utime and stime are the 12th and 13th field.
        echo "$(awk '/^Pss:/ { pss = $2 } /^Rss:/ { rss = $2 } END { print pss, rss }' "/proc/$pid/smaps_rollup")" \
            "$(sed 's/.*) //' "/proc/$pid/stat" | awk -v ticks="$ticks" '{ print int(($12 + $13) * 1000 / ticks) }')"
    done
}
# Programs of a debug build load the Swift runtime as a library, and are larger than what is shipped.
agents_are_of_a_debug_build() {
    local pid
    pid=$(process_of $mesh "${WORKLOADS[0]}" istio-proxy pilot-agent) && grep -q 'libswiftCore' "/proc/$pid/maps"
}
# column NUMBER head|tail: the smallest or the largest of a column of standard input.
column() { awk -v column="$1" '{ print $column }' | sort -n | "$2" -n 1; }

# agents_are_small WHEN: tells what they take, and judges those of a release build.
agents_are_small() {
    local found
    found=$(agents_take)
    check "each agent's memory is told $1" test "$(wc -l <<<"$found")" = "${#WORKLOADS[@]}"
    printf '        %s: %d agents; Pss %s to %s kB, resident up to %s kB, CPU since their start up to %s ms\n' "$1" \
        "${#WORKLOADS[@]}" "$(column 1 head <<<"$found")" "$(column 1 tail <<<"$found")" "$(column 2 tail <<<"$found")" \
        "$(column 3 tail <<<"$found")"
    if agents_are_of_a_debug_build; then
        echo "        not judged: they are of a debug build"
    else
        at_most "Pss of an agent $1, the largest" $AGENT_LIMIT_KB $AGENT_LIMIT_KB "$(column 1 tail <<<"$found")" kB
    fi
}

every_agent_is_scraped() {
    local workload
    for workload in "${WORKLOADS[@]}"; do scraped_line "$workload" '^(istio|envoy|process)_' || return 1; done
}

mesh_has_small_agents() {
    section "the agents' memory"
    agents_are_small "once all are ready"
}
mesh_has_small_agents_after_load() {
    local round
    section "the agents' memory after load"
    load $mesh reviews --requests 5000 --connections 8 >"$work/agents.json"
    check "5,000 calls, none failed" json_holds "$work/agents.json" 'o["failed"] == 0 and o["requests"] == 5000'
    # Prometheus asks for all metrics again and again.
    for ((round = 1; round < 20; round++)); do every_agent_is_scraped >/dev/null; done
    check "and 20 scrapes of each" every_agent_is_scraped
    agents_are_small "after load"
}
