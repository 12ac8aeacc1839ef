import CertificateAuthority
import ControlPlane
import ControllerRuntime
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Observability
import Testing

extension OwnClusterTests {
    @Suite struct ControlPlaneWebhookTests {}
}

extension OwnClusterTests.ControlPlaneWebhookTests {
    /// The API server trusts the control plane's webhook as soon as it is configured; afterwards whoever installs and
    /// the control plane have nothing to write any more, however often each looks.
    @Test func theRootIsWrittenOnceAndNobodyFights() async throws {
        try await ControlPlaneSite.with { site in
            try await site.withWebhooks { replica, port in
                let client = site.cluster.client
                let applier = Applier(client: client, manager: "istio-operator")
                let desired = site.configuration(.mutating, port: port)
                let key = desired.key
                let (outcome, _) = try await applier.apply(desired, as: .mutatingWebhookConfigurations, isNew: true)
                #expect(outcome == .created)
                let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                try await client.wait(.mutatingWebhookConfigurations, key, "the root") { $0?.bundle == root }

                // The installer gives its policy up, once; then every look finds nothing to do.
                _ = try await applier.apply(desired, as: .mutatingWebhookConfigurations)
                let version = try await client.get(.mutatingWebhookConfigurations, key).metadata.resourceVersion
                for _ in 0..<5 {
                    let (outcome, live) = try await applier.apply(desired, as: .mutatingWebhookConfigurations)
                    #expect(outcome == .unchanged)
                    #expect(live.metadata.resourceVersion == version)
                }
                let live = try await client.get(.mutatingWebhookConfigurations, key)
                #expect(live.metadata.resourceVersion == version)
                #expect(live.json["webhooks"]?.array?.first?["failurePolicy"] == "Fail")
                #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")

                // A webhook that is no longer wanted goes, although the control plane has fields in it.
                var wider = desired
                var second = try #require(desired.json["webhooks"]?.array?.first)
                second["name"] = "namespace.sidecar-injector.istio.io"
                wider.json["webhooks"] = .array((desired.json["webhooks"]?.array ?? []) + [second])
                _ = try await applier.apply(wider, as: .mutatingWebhookConfigurations)
                try await client.wait(.mutatingWebhookConfigurations, key, "the second one's root") { live in
                    let webhooks = live?.json["webhooks"]?.array ?? []
                    return webhooks.count == 2 && webhooks.allSatisfy { $0["clientConfig", "caBundle"] != nil }
                }
                let (_, narrow) = try await applier.apply(desired, as: .mutatingWebhookConfigurations)
                #expect(narrow.json["webhooks"]?.array?.count == 1)

                // What somebody breaks comes back.
                var broken = live.json["webhooks"] ?? .null
                broken = .array(
                    (broken.array ?? []).map { webhook in
                        var webhook = webhook
                        webhook["clientConfig", "caBundle"] = nil
                        return webhook
                    })
                _ = try await client.patch(
                    .mutatingWebhookConfigurations, key, .merge(["webhooks": broken]), fieldManager: "somebody")
                try await client.wait(.mutatingWebhookConfigurations, key, "the root again") { $0?.bundle == root }
            }
        }
    }

    /// A Pod comes back from the API server with what the injector's ConfigMap says; one that cannot be injected is
    /// refused with the reason, and Pods elsewhere do not depend on it.
    @Test func podsOfTheMeshGoThroughTheInjector() async throws {
        try await ControlPlaneSite.with { site in
            let client = site.cluster.client
            try await site.withWebhooks { _, port in
                let configuration = site.configuration(.mutating, port: port)
                _ = try await client.apply(
                    .mutatingWebhookConfigurations, configuration, fieldManager: "t", force: true)
                try await client.wait(.mutatingWebhookConfigurations, configuration.key, "the root") {
                    !($0?.bundle ?? "").isEmpty
                }
                // The API server takes a moment to ask; without settings every Pod of the mesh is refused.
                let refusal = try await site.until("a Pod is refused") { try await site.refusal(ofPod: "p") }
                #expect(refusal.contains("cannot inject a sidecar"))
                let plain = try await client.create(
                    .pods, site.pod("plain", labels: [:]), fieldManager: "t", dryRun: true)
                #expect(plain.json["spec", "containers"]?.array?.count == 1)

                let map = site.injectorConfigMap
                _ = try await client.apply(.configMaps, map, fieldManager: "t", force: true)
                let first = try await site.until("a Pod is injected") { try await site.injectedShare() }
                #expect(first == "one")
                _ = try await client.patch(
                    .configMaps, map.key, .merge(["data": ["values": "{\"share\":\"two\",\"global\":{}}"]]),
                    fieldManager: "t")
                _ = try await site.until("the new settings count") {
                    try await site.injectedShare() == "two" ? true : nil
                }
            }
        }
    }

    /// On OpenShift a namespace says whom its Pods may run as.
    @Test func namespacesDictateWhomProxiesRunAs() async throws {
        try await ControlPlaneSite.with { site in
            let client = site.cluster.client
            try await site.withWebhooks { _, port in
                _ = try await client.apply(.configMaps, site.injectorConfigMap, fieldManager: "t", force: true)
                _ = try await client.apply(
                    .mutatingWebhookConfigurations, site.configuration(.mutating, port: port), fieldManager: "t",
                    force: true)
                let first = try await site.until("a Pod is injected") { try await site.injectedUser() }
                #expect(first == 1337)
                _ = try await client.patch(
                    .namespaces, ObjectKey(name: site.namespace),
                    .merge(["metadata": ["annotations": ["openshift.io/sa.scc.uid-range": "5000/10"]]]),
                    fieldManager: "t")
                _ = try await site.until("the namespace's own user") {
                    try await site.injectedUser() == 5009 ? true : nil
                }
            }
        }
    }

    /// A validating configuration that lets everything in becomes one that refuses, once the server is proved to.
    @Test func theValidatorRefusesOnceItIsProved() async throws {
        try await ControlPlaneSite.with { site in
            let client = site.cluster.client
            try await site.withDefinition(of: .gateway) {
                try await site.withWebhooks { replica, port in
                    let configuration = site.configuration(.validating, port: port)
                    let key = configuration.key
                    _ = try await client.apply(
                        .validatingWebhookConfigurations, configuration, fieldManager: "t", force: true)
                    try await client.wait(.validatingWebhookConfigurations, key, "the policy", within: .seconds(90)) {
                        $0?.json["webhooks"]?.array?.first?["failurePolicy"] == "Fail"
                    }
                    // Whoever insists on the other one has it: it is raised once, not for ever.
                    let lenient = try await client.apply(
                        .validatingWebhookConfigurations, configuration, fieldManager: "t", force: true)
                    #expect(lenient.json["webhooks"]?.array?.first?["failurePolicy"] == "Ignore")
                    try await client.wait(.validatingWebhookConfigurations, key, "its adoption") { live in
                        live.map { $0.isOwned(by: "pilot-discovery") } ?? false
                    }
                    let later = try await client.get(.validatingWebhookConfigurations, key)
                    #expect(later.json["webhooks"]?.array?.first?["failurePolicy"] == "Ignore")
                    #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")
                }
            }
        }
    }
}

extension ControlPlaneSite {
    enum Purpose: String { case mutating, validating }

    func withWebhooks(_ body: (ControlPlaneReplica, Int) async throws -> Void) async throws {
        try await withReplica("a", configure: webhooks) { replica in
            let result: Result<Void, any Error>
            do {
                try await replica.waitUntilReady()
                let port = try #require(await replica.controlPlane.webhookPort)
                result = .success(try await body(replica, port))
            } catch {
                result = .failure(error)
            }
            for (resource, purpose) in [
                (APIResource.mutatingWebhookConfigurations, Purpose.mutating),
                (.validatingWebhookConfigurations, .validating),
            ] { _ = try await cluster.client.delete(resource, ObjectKey(name: "\(purpose)-\(namespace)")) }
            try result.get()
        }
    }

    /// How a replica that serves webhooks differs from others.
    func webhooks(_ configuration: inout ControlPlaneConfiguration) {
        configuration.revision = "r-\(namespace)"
        configuration.webhookAddress = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.environment["INJECTION_WEBHOOK_CONFIG_NAME"] = "i"
        configuration.environment["PLATFORM"] = "openshift"
        configuration.webhookRoots.overlap = .seconds(20)
    }

    /// Settings with a template that writes a value of theirs into the proxy.
    var injectorConfigMap: UnstructuredObject {
        let config = """
            policy: enabled
            defaultTemplates: [sidecar]
            templates:
              sidecar: |
                spec:
                  containers:
                  - name: istio-proxy
                    image: proxy
                    securityContext:
                      runAsUser: {{ .ProxyUID }}
                    env:
                    - name: SHARE
                      value: {{ .Values.share | quote }}
            """
        return UnstructuredObject([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string("istio-sidecar-injector-r-\(namespace)"), "namespace": .string(namespace),
            ],
            "data": ["config": .string(config), "values": "{\"share\":\"one\",\"global\":{}}"],
        ])
    }

    /// Installs a kind of Istio's while `body` runs.
    fileprivate func withDefinition(of kind: CustomResource, _ body: () async throws -> Void) async throws {
        let definition = UnstructuredObject(kind.definition(hasRules: false))
        _ = try await cluster.client.apply(
            .customResourceDefinitions, definition, fieldManager: "kubectl", force: true)
        let result: Result<Void, any Error>
        do {
            try await cluster.client.wait(.customResourceDefinitions, definition.key, "established") { found in
                (found?.json["status", "conditions"]?.array ?? []).contains {
                    $0["type"] == "Established" && $0["status"] == "True"
                }
            }
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        _ = try await cluster.client.delete(.customResourceDefinitions, definition.key)
        try result.get()
    }

    /// A configuration of this site alone, which points to loopback.
    func configuration(_ purpose: Purpose, port: Int) -> UnstructuredObject {
        let isMutating = purpose == .mutating
        var webhook: JSONValue = [
            "name": .string(isMutating ? "object.sidecar-injector.istio.io" : "rev.validation.istio.io"),
            "clientConfig": ["url": .string("https://localhost:\(port)/\(isMutating ? "inject" : "validate")")],
            "rules": [
                [
                    "apiGroups": [isMutating ? "" : "networking.istio.io"], "apiVersions": ["*"],
                    "operations": ["CREATE", "UPDATE"], "resources": [isMutating ? "pods" : "*"], "scope": "*",
                ]
            ],
            "failurePolicy": .string(isMutating ? "Fail" : "Ignore"), "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        ]
        if isMutating {
            webhook["objectSelector"] = ["matchLabels": ["site": .string(namespace)]]
        } else {
            webhook["objectSelector"] = [
                "matchExpressions": [
                    ["key": "istio.io/rev", "operator": "In", "values": [.string("r-\(namespace)")]]
                ]
            ]
        }
        return UnstructuredObject([
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": .string(isMutating ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration"),
            "metadata": [
                "name": .string("\(purpose)-\(namespace)"), "labels": ["istio.io/rev": .string("r-\(namespace)")],
            ],
            "webhooks": [webhook],
        ])
    }

    func pod(_ name: String, labels: [String: String]) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": JSONValue(labels)],
            "spec": ["containers": [["name": "app", "image": "app"]], "automountServiceAccountToken": false],
        ])
    }

    /// Why a Pod of the mesh is refused; nil if it is not.
    fileprivate func refusal(ofPod name: String) async throws -> String? {
        do {
            _ = try await cluster.client.create(
                .pods, pod(name, labels: ["site": namespace]), fieldManager: "t", dryRun: true)
            return nil
        } catch let error as APIError {
            return error.message
        }
    }

    /// What the template wrote into the proxy of a Pod; nil if it got none.
    func injectedShare() async throws -> String? {
        try await injectedProxy()?["env"]?.array?.first { $0["name"] == "SHARE" }?["value"]?.string
    }

    /// Whom the proxy of a Pod runs as; nil if it got none.
    fileprivate func injectedUser() async throws -> Int64? {
        try await injectedProxy()?["securityContext", "runAsUser"]?.integer
    }

    private func injectedProxy() async throws -> JSONValue? {
        let pod = pod("p", labels: ["site": namespace, "sidecar.istio.io/inject": "true"])
        do {
            let made = try await cluster.client.create(.pods, pod, fieldManager: "t", dryRun: true)
            return made.json["spec", "containers"]?.array?.first { $0["name"] == "istio-proxy" }
        } catch is APIError {
            return nil
        }
    }

    /// Asks until there is an answer.
    func until<Value>(_ what: String, _ ask: () async throws -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let value = try await ask() { return value }
            try #require(ContinuousClock.now < deadline, "\(what): it does not come true")
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

extension UnstructuredObject {
    /// Whose certificates the API server accepts for the first webhook.
    var bundle: String {
        let text = json["webhooks"]?.array?.first?["clientConfig", "caBundle"]?.string ?? ""
        return String(decoding: base64Decoded(text) ?? [], as: UTF8.self)
    }

    fileprivate func isOwned(by manager: String) -> Bool {
        FieldOwnership.applied(by: manager, in: self)?.0.fields["webhooks"]?.elements.values
            .contains { $0.fields["failurePolicy"] != nil } ?? false
    }
}
