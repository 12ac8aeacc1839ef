# shellcheck shell=bash
# Jobs and CronJobs come to their end although there is a proxy beside their work.

# A call of the mesh, as soon as the proxy beside it takes it.
CALL="until $ONE_CALL; do sleep 1; done"

# job_spec NAME POLICY BACKOFF SCRIPT: of a Job whose Pods have that restart policy and run the script.
job_spec() {
    cat <<END
{"backoffLimit": $3, "template": {"metadata": {"labels": {"app": "$1"}}, "spec": {
 "restartPolicy": "$2", "terminationGracePeriodSeconds": 5, "volumes": [{"name": "kept", "emptyDir": {}}],
 "containers": [{"name": "work", "image": "docker.io/local/busybox:1", "command": ["/bin/sh", "-c", $(json_text "$4")],
  "securityContext": {"runAsUser": 1000}, "volumeMounts": [{"name": "kept", "mountPath": "/kept"}]}]}}}
END
}
# job NAME POLICY BACKOFF SCRIPT
job() {
    act kubectl -n $mesh create -f - <<END
{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "$1", "labels": {"app": "$1"}}, "spec": $(job_spec "$@")}
END
}
# cron_job NAME SCRIPT: a Job every minute. CronJobs are at v1 since Kubernetes 1.21.
cron_job() {
    act kubectl -n $mesh create -f - <<END
{"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "$1"}, "spec": {"schedule": "* * * * *",
 "concurrencyPolicy": "Forbid",
 "jobTemplate": {"metadata": {"labels": {"app": "$1"}}, "spec": $(job_spec "$1" Never 0 "$2")}}}
END
}

mesh_ends_jobs() {
    section "Jobs"
    # All at once: the longest of them takes as long as all.
    cron_job minutely "$CALL"
    job once Never 0 "$CALL"
    job at-once Never 0 true
    job retried OnFailure 6 "[ -e /kept/tried ] || { touch /kept/tried; exit 1; }; $CALL"
    job fails Never 0 "$CALL; exit 3"
    job fails-again OnFailure 1 "exit 3"
    within 60 "a Job with a sidecar completes" job_has once Complete succeeded=1
    within 60 "one that fails has failed" job_has fails Failed failed=1
    check "by its own exit code, not by its proxy's" containers_ended fails work=3 istio-proxy=0
    within 60 "one whose work ends before its proxy serves completes" job_has at-once Complete succeeded=1
    within 90 "one that succeeds at the second try (OnFailure) completes" job_has retried Complete succeeded=1
    check "beside one and the same proxy" containers_ended retried work=0 istio-proxy=0 istio-proxy.restarts=0
    at_most "which waited for a third try no longer than there could be one" 60 120 "$(proxy_outlives_work retried)" s
    within 90 "one that fails again and again (OnFailure) has failed" job_has fails-again Failed
    within 90 "a Job of a CronJob completes" job_has minutely Complete succeeded=1
    within 20 "and its calls are counted with the CronJob's name" scraped_line app=ratings \
        '^istio_requests_total\{.*reporter="destination".*source_workload="minutely"'
    act kubectl -n $mesh delete cronjobs,jobs --all --timeout=120s
}

# job_has NAME CONDITION [FIELD=NUMBER]: the condition of any Job that is called so, and a number of its status.
job_has() {
    local found
    found=$(kubectl -n $mesh get jobs -l "app=$1" -o go-template='{{range .items}}{{range .status.conditions}}
        {{- if eq .status "True"}}{{.type}} {{end}}{{end -}}
        succeeded={{or .status.succeeded 0}} failed={{or .status.failed 0}}{{"\n"}}{{end}}')
    echo "$found"
    grep -E "^$2 " <<<"$found" | grep -qE " ${3:-succeeded=0}( |\$)"
}
# containers_ended NAME WORD…: each word stands in the Pod's statuses: CONTAINER=EXIT-CODE, CONTAINER.restarts=NUMBER.
containers_ended() {
    local word found
    found=" $(kubectl -n $mesh get pods -l "app=$1" -o go-template='{{range .items}}{{range .status.containerStatuses}}
        {{- .name}}={{with .state.terminated}}{{.exitCode}}{{end}} {{.name}}.restarts={{.restartCount}} {{end}}{{end}}')"
    echo "$found"
    for word in "${@:2}"; do [[ $found == *" $word "* ]] || return 1; done
}
# proxy_outlives_work NAME: for how many seconds the proxy went on after the work had ended.
proxy_outlives_work() {
    local work_ended proxy_ended
    work_ended=$(ended_at "$1" work)
    proxy_ended=$(ended_at "$1" istio-proxy)
    if [ -n "$work_ended" ] && [ -n "$proxy_ended" ]; then
        echo $(($(date -d "$proxy_ended" +%s) - $(date -d "$work_ended" +%s)))
    fi
}
ended_at() {
    kubectl -n $mesh get pods -l "app=$1" \
        -o "jsonpath={.items[0].status.containerStatuses[?(@.name==\"$2\")].state.terminated.finishedAt}"
}
