# shellcheck shell=bash
# What the operator does: installs, heals, reports mistakes, stays small, and removes everything.

operator_installs_heals_and_reports() {
    section "installed"
    check "the default profile is HEALTHY" has_status HEALTHY
    check "the Pod of istiod is Ready" istiod_is_ready
    check "condition Ready is True" equals "iop/$iop" '{.status.conditions[?(@.type=="Ready")].status}' True
    check "the operator's logs are JSON" logs_are_json
    istiod_pod=$(kubectl -n "$namespace_of_iop" get pods -l app=istiod -o 'jsonpath={.items[0].metadata.name}')
    check "istiod answers /ready on 8080" answers "$namespace_of_iop" "$istiod_pod" 8080 /ready
    check "istiod answers /metrics on 15014" answers "$namespace_of_iop" "$istiod_pod" 15014 /metrics '^[a-z_]+'
    act kubectl create namespace apus-test-roots
    within 10 "a new namespace gets the mesh root" kubectl -n apus-test-roots get configmap istio-ca-root-cert
    act kubectl delete namespace apus-test-roots --wait=false

    section "drift"
    uid=$(field $deployment '{.metadata.uid}')
    act kubectl -n "$namespace_of_iop" delete $deployment --wait=false
    within 5 "a deleted Deployment is back" is_back $deployment "$uid"
    within 60 "and its Pod Ready" istiod_is_ready
    within 30 "and the status HEALTHY" has_status HEALTHY

    image=$(field $deployment '{.spec.template.spec.containers[0].image}')
    act kubectl -n "$namespace_of_iop" patch $deployment --type=json --field-manager=somebody-else -p \
        '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "docker.io/local/wrong:1"}]'
    within 5 "an edited image is set right" equals $deployment '{.spec.template.spec.containers[0].image}' "$image"

    port=$(field service/istiod '{.spec.ports[0].port}')
    act kubectl -n "$namespace_of_iop" patch service istiod --type=json --field-manager=somebody-else -p \
        '[{"op": "replace", "path": "/spec/ports/0/port", "value": 19999}]'
    within 5 "an edited port of the Service is set right" has_port "$port"
    has_port "$port" >/dev/null || act kubectl -n "$namespace_of_iop" delete service istiod # the rest does not hang on it

    act kubectl -n "$namespace_of_iop" label service istiod --overwrite app=other
    within 5 "an edited label is set right" equals service/istiod '{.metadata.labels.app}' istiod
    within 60 "and the status HEALTHY again" has_status HEALTHY

    section "mistakes"
    generation=$(field $deployment '{.metadata.generation}')
    act kubectl -n "$namespace_of_iop" patch "iop/$iop" --type=merge -p '{"spec": {"profile": "nonsense"}}'
    within 10 "an unknown profile gives ERROR" has_status ERROR
    check "that names the field" message_has 'spec.profile'
    check "and leaves the control plane alone" equals $deployment '{.metadata.generation}' "$generation"
    act kubectl apply -f - <<END
{"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
 "metadata": {"name": "$iop", "namespace": "$namespace_of_iop"},
 "spec": {"profile": "minimal", "hub": 5, "components": {"pilot": {"enabled": "yes"}, "ingressGateways": {}}}}
END
    within 10 "wrong types are stored and give ERROR" has_status ERROR
    for field in spec.hub spec.components.pilot.enabled spec.components.ingressGateways; do
        check "that names $field" message_has "$field"
    done
    check "and leaves the control plane alone" equals $deployment '{.metadata.generation}' "$generation"
    act kubectl -n "$namespace_of_iop" patch "iop/$iop" --type=merge -p '{"spec": {"hub": null, "components": null}}'
    within 30 "corrected, it is HEALTHY again" has_status HEALTHY

    section "profiles"
    act kubectl -n "$namespace_of_iop" patch "iop/$iop" --type=merge -p '{"spec": {"profile": "minimal"}}'
    within 30 "on minimal, the gateway is pruned" gone -n "$namespace_of_iop" deployment/istio-ingressgateway
    within 60 "and the status HEALTHY" has_status HEALTHY
    act kubectl -n "$namespace_of_iop" patch "iop/$iop" --type=merge -p '{"spec": {"profile": "default"}}'
    within 30 "back on default, the gateway is applied" kubectl -n "$namespace_of_iop" get deployment istio-ingressgateway
    within 60 "and the status HEALTHY again" has_status HEALTHY

    section "idle"
    # Threads and pages are not the same on every machine.
    local began=$SECONDS
    until rss_is_low >/dev/null || [ $((SECONDS - began)) -ge 20 ]; do sleep 1; done
    at_most "the operator's resident memory" "$OPERATOR_IDLE_LIMIT_KB" $((2 * OPERATOR_IDLE_LIMIT_KB)) "$(operator_rss)" kB
}

operator_removes_everything() {
    section "deletion"
    act kubectl -n "$namespace_of_iop" delete "iop/$iop" --wait=false
    # Pods may take all of their grace periods.
    within 120 "the IstioOperator is gone" gone -n "$namespace_of_iop" "iop/$iop"
    within 30 "nothing but the mesh root is left" only_the_mesh_root_is_left
    check "istio-ca-secret is kept" kubectl -n "$namespace_of_iop" get secret istio-ca-secret
    check "the CRDs are kept" kubectl get crd istiooperators.install.istio.io virtualservices.networking.istio.io
    check "no finalizer is left" no_finalizers

    section "without an operator"
    apus=$(apus_program) sample=Manifests/Samples/minimal.yaml
    act kubectl -n "$operator_namespace" scale "deployment/$operator" --replicas=0
    check "apus install --dry-run says what it would create" says 'created Deployment istio-system/istiod' \
        "$apus" install --dry-run -f "$sample"
    check "and creates nothing" gone -n istio-system deployment/istiod
    check "apus install ends HEALTHY" says 'HEALTHY: all components are ready' "$apus" install -f "$sample"
    check "the Pod of istiod is Ready" istiod_is_ready
    check "a second look finds nothing to do" finds_nothing_to_do "$apus" install --dry-run -f "$sample"
    check "apus uninstall --purge removes the root too" says 'removed Secret istio-system/istio-ca-secret' \
        "$apus" uninstall --purge -f "$sample"
    within 30 "and all else" gone -n istio-system deployments,services,configmaps,roles -l operator.istio.io/managed
}
