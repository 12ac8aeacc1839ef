import KubernetesModel
import Testing

/// Against what a real API server wrote.
@Suite struct ApplyDifferenceTests {
    /// What was applied is not applied again, however the server spells, fills in or leaves out.
    @Test(arguments: ApplyCase.objects)
    func findsNoneInWhatWasApplied(_ object: String) throws {
        #expect(try ApplyCase(object).difference == nil)
    }

    @Test func hasManyKindsToLookAt() {
        #expect(ApplyCase.objects.count >= 17)
    }

    @Test(arguments: [
        ("deployment", "variable-added"), ("deployment", "sidecar-added"), ("deployment", "memory-respelled"),
        ("deployment", "annotated"), ("service", "port-added"), ("mutating-webhook", "bundle-set"),
        ("config-map", "data-added"), ("service-account", "secret-added"), ("service-account", "finalizer-added"),
        ("custom-object", "status-set"), ("config-map", "applied-by-both"),
    ])
    func leavesAloneWhatOthersAdd(_ object: String, _ edit: String) throws {
        #expect(try ApplyCase(object, after: edit).difference == nil)
    }

    private static let container = #".spec.template.spec.containers[name="discovery"]"#

    @Test(arguments: [
        ("deployment", "replicas-edited", ".spec.replicas"),
        ("deployment", "edited-and-restored", ".spec.replicas"),
        ("deployment", "label-removed", ".metadata.labels.istio"),
        ("deployment", "image-edited", container + ".image"),
        ("deployment", "argument-added", container + ".args"),
        ("deployment", "variable-edited", container + #".env[name="REVISION"].value"#),
        ("deployment", "variable-emptied", container + #".env[name="EMPTY"].value"#),
        ("deployment", "variable-removed", container + ".env"),
        ("deployment", "memory-edited", container + ".resources.limits.memory"),
        ("deployment", "security-context-edited", container + ".securityContext.readOnlyRootFilesystem"),
        ("deployment", "probe-delay-set", container + ".readinessProbe.initialDelaySeconds"),
        ("deployment", "host-network-set", ".spec.template.spec.hostNetwork"),
        ("deployment", "toleration-added", ".spec.template.spec.tolerations"),
        ("deployment", "volume-edited", #".spec.template.spec.volumes[name="istio-token"].projected"#),
        ("service", "port-edited", #".spec.ports[port=443,protocol="TCP"].targetPort"#),
        ("service", "selector-edited", ".spec.selector.app"),
        ("load-balancer", "ranges-edited", ".spec.loadBalancerSourceRanges"),
        ("autoscaler", "maximum-edited", ".spec.maxReplicas"),
        ("autoscaler", "metric-edited", ".spec.metrics"),
        ("disruption-budget", "selector-edited", ".spec.selector"),
        ("cluster-role", "rule-added", ".rules"),
        ("empty-cluster-role", "rule-added", ".rules"),
        ("cluster-role-binding", "subject-added", ".subjects"),
        ("mutating-webhook", "policy-edited", #".webhooks[name="object.sidecar-injector.istio.io"].failurePolicy"#),
        (
            "mutating-webhook", "selector-edited",
            #".webhooks[name="namespace.sidecar-injector.istio.io"].objectSelector"#
        ),
        ("mutating-webhook", "webhook-removed", ".webhooks"),
        ("mutating-webhook", "applied-in-another-version", "apiVersion"),
        ("config-map", "data-edited", ".data.mesh"),
        ("config-map", "emptied-set", ".data.nothing"),
        ("config-map", "amount-respelled", ".data.limits.memory"),
        ("config-map", "created", ""),
        ("config-map", "applied-by-another", ""),
        ("service-account", "finalizer-removed", ".metadata.finalizers"),
        ("definition", "column-edited", ".spec.versions"),
        ("custom-object", "list-edited", ".spec.extra.list"),
    ])
    func namesTheFirstThatOthersChanged(_ object: String, _ edit: String, _ path: String) throws {
        #expect(try ApplyCase(object, after: edit).difference == path)
    }
}
