import ControlPlane
import FoundationEssentials
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ManifestRenderer
import Observability
import OperatorControllers
import ServiceLifecycle
import Synchronization
import Testing

extension OperatorTests {
    /// The operator and a control plane, each with exactly the rights that the operator installs for it.
    @Suite struct WebhookHandOverTests {
        /// Webhook configurations come whole, and from then on what is the control plane's is left to it: at no moment
        /// could an API server have refused a Pod for want of a certificate, and nobody writes what another one wrote.
        @Test func configurationsComeWholeAndAreHandedOver() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                let port = Mutex(1)
                let address: @Sendable (String) -> WebhookServerProbe.Address = { _ in
                    .init(host: "127.0.0.1", port: port.withLock { $0 })
                }
                let gated = try await mesh.behindWebhookServer("mesh", ["profile": "minimal"])
                let history = WebhookHistory(gated)
                try await during {
                    try await history.record(mesh.client)
                } _: {
                    try await operators.withOperator(webhookServerAddress: address) { _ in
                        try await mesh.apply("mesh", ["profile": "minimal"])
                        try await mesh.until("mesh", .healthy)
                        try await mesh.addEndpoint()
                        #expect(try await mesh.present(gated).isEmpty)
                        try await mesh.withControlPlane { own in
                            port.withLock { $0 = own }
                            try await mesh.nudge("mesh") { try await !mesh.injectionIsPending("mesh") }
                            #expect(try await mesh.present(gated) == gated)
                            try await mesh.untilHandedOver(gated)
                            try await mesh.widens(gated, history)
                            try await mesh.untilHandedOver(gated)
                        }
                    }
                    // The control plane is away: who starts now finds nothing to do.
                    let versions = try await mesh.versions(of: gated)
                    try await operators.withOperator(concurrency: 1, webhookServerAddress: address) { running in
                        try await running.log.until("Leading")
                        try await mesh.apply("witness", ["profile": "nothing"])
                        try await mesh.until("witness", .error)
                        #expect(running.log.count(of: "Applied") == 0)
                    }
                    #expect(try await mesh.versions(of: gated) == versions)
                    try await history.until(versions)
                }
                let seen = history.versions
                #expect(Set(seen.map(\.reference)) == gated)
                for webhook in seen.flatMap({ $0.json["webhooks"]?.array ?? [] }) {
                    let caBundle = webhook["clientConfig", "caBundle"]?.string ?? ""
                    #expect(caBundle != "")
                    #expect(webhook["failurePolicy"] == "Fail")
                }
                try await mesh.clearRoots()
            }
        }
    }
}

/// Every version that webhook configurations have had.
private final class WebhookHistory: Sendable {
    private let references: Set<ObjectReference>
    private let seen = Mutex<[UnstructuredObject]>([])

    init(_ references: Set<ObjectReference>) { self.references = references }

    var versions: [UnstructuredObject] { seen.withLock { $0 } }

    func record(_ client: KubernetesClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for resource in [APIResource.mutatingWebhookConfigurations, .validatingWebhookConfigurations] {
                group.addTask {
                    let list = try await client.list(resource, reader: .unstructured)
                    for try await event in client.watch(resource, reader: .unstructured, from: list.resourceVersion)
                    where event.kind == .added || event.kind == .modified {
                        guard let object = event.object, self.references.contains(object.reference) else { continue }
                        self.seen.withLock { $0.append(object) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until these have been seen.
    func until(_ versions: [ObjectReference: String]) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let seen = Set(self.versions.map(\.metadata.resourceVersion))
            if seen.isSuperset(of: versions.values) { return }
            try #require(ContinuousClock.now < deadline, "the watch is behind")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension Mesh {
    /// Runs a control plane as the account that the operator made for it; `body` gets the port of its webhooks.
    fileprivate func withControlPlane(_ body: (Int) async throws -> Void) async throws {
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 3600],
        ]
        let answer = try await client.raw(
            "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/istiod/token", body: request.jsonBytes)
        var account = cluster.configuration
        account.clientCertificate = nil
        account.credential = .token(
            Secret(try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string)))
        let log = LogRecorder()
        try await cluster.withClient(account, limits: .default) { client in
            var configuration = ControlPlaneConfiguration(namespace: namespace, identity: "istiod-1")
            configuration.webhookAddress = ListenAddress(host: "127.0.0.1", port: 0)
            let controlPlane = ControlPlane(
                configuration, client: client, now: { Date.now }, logger: log.logger("istiod"))
            let group = ServiceGroup(services: [controlPlane], logger: log.logger("services"))
            try await during {
                try await group.run()
            } _: {
                try await log.until("Ready", within: .seconds(60))
                try await body(try #require(await controlPlane.webhookPort))
                await group.triggerGracefulShutdown()
            }
        }
        #expect(log.all.filter { $0.contains("403 Forbidden") } == [], "the control plane's RBAC lacks something")
    }

    /// Waits until whom webhooks trust, and what becomes of what they do not answer, is the control plane's alone.
    fileprivate func untilHandedOver(_ references: Set<ObjectReference>) async throws {
        for reference in references {
            try await cluster.eventually(
                "\(reference) is handed over", Self.resource(of: reference), reference.key, within: .seconds(60)
            ) { object in
                guard let object, let webhooks = object.json["webhooks"]?.array else { return false }
                return webhooks.allSatisfy { webhook in
                    [["clientConfig", "caBundle"], ["failurePolicy"]].allSatisfy { path in
                        object.owners(of: path, inWebhook: webhook["name"]) == ["pilot-discovery"]
                    }
                }
            }
        }
    }

    /// Asks for one webhook more: that one comes whole too.
    fileprivate func widens(_ references: Set<ObjectReference>, _ history: WebhookHistory) async throws {
        let wide: JSONValue = [
            "profile": "minimal", "values": ["sidecarInjectorWebhook": ["enableNamespacesByDefault": true]],
        ]
        try await apply("mesh", wide)
        let injector = try #require(references.first { $0.groupKind.kind.hasPrefix("Mutating") })
        try await cluster.eventually(
            "a webhook more", .mutatingWebhookConfigurations, injector.key, within: .seconds(60)
        ) { object in
            (object?.json["webhooks"]?.array ?? []).contains { $0["name"]?.string?.hasPrefix("auto.") ?? false }
        }
    }

    fileprivate func versions(of references: Set<ObjectReference>) async throws -> [ObjectReference: String] {
        var versions: [ObjectReference: String] = [:]
        for reference in references {
            versions[reference] = try await client.get(Self.resource(of: reference), reference.key)
                .metadata.resourceVersion
        }
        return versions
    }

    private static func resource(of reference: ObjectReference) -> APIResource {
        reference.groupKind.kind.hasPrefix("Mutating")
            ? .mutatingWebhookConfigurations : .validatingWebhookConfigurations
    }

    /// The next test's control plane has another root.
    fileprivate func clearRoots() async throws {
        let roots = ListScope(fieldSelector: "metadata.name=istio-ca-root-cert")
        for object in try await client.list(.configMaps, reader: .unstructured, in: roots).items {
            _ = try await client.delete(.configMaps, object.key)
        }
    }
}

extension UnstructuredObject {
    /// Who has a field of a webhook, whatever he wrote it by.
    fileprivate func owners(of path: [String], inWebhook name: JSONValue?) -> Set<String> {
        let managers = Set((json["metadata", "managedFields"]?.array ?? []).compactMap { $0["manager"]?.string })
        return managers.filter { manager in
            FieldOwnership.owned(by: manager, in: self).contains { owned in
                let webhook = name.flatMap { owned.fields["webhooks"]?.elements[["name": $0]] }
                return path.reduce(webhook) { $0?.fields[$1] } != nil
            }
        }
    }
}
