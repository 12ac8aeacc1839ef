import FoundationEssentials
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ManifestRenderer
import OperatorControllers
import Testing

/// A namespace in which a test installs meshes.
struct Mesh: Sendable {
    let operators: OperatorCluster
    let namespace: String

    var cluster: TestCluster { operators.cluster }
    var client: KubernetesClient { operators.cluster.client }

    /// Names an object of this namespace.
    func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

    // MARK: IstioOperators

    /// An IstioOperator of this namespace that installs into it, with this spec.
    func istioOperator(_ name: String, _ spec: JSONValue) -> UnstructuredObject {
        let here: JSONValue = ["values": ["global": ["istioNamespace": .string(namespace)]]]
        return UnstructuredObject([
            "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": here.merging(spec),
        ])
    }

    /// As `kubectl apply`.
    @discardableResult
    func apply(_ name: String, _ spec: JSONValue) async throws -> UnstructuredObject {
        try await client.apply(
            .istioOperators, istioOperator(name, spec), fieldManager: "kubectl", force: true)
    }

    /// Waits until the operator has said this of the spec as it is now.
    @discardableResult
    func until(
        _ name: String, _ word: IstioOperatorStatus.Word, saying part: String = "",
        within limit: Duration = .seconds(90)
    ) async throws -> IstioOperator {
        let object = try await cluster.eventually(
            "IstioOperator \(name) is \(word.rawValue) \(part)", .istioOperators, key(name), within: limit
        ) { object in
            guard let object else { return false }
            let status = IstioOperator(object).status
            return status.word == word && status.observedGeneration == object.metadata.generation
                && status.message.contains(part)
        }
        return IstioOperator(try #require(object))
    }

    /// As `kubectl delete`, without waiting.
    func delete(_ name: String) async throws {
        #expect(try await client.delete(.istioOperators, key(name)))
    }

    func untilGone(
        _ resource: APIResource, _ key: ObjectKey, within limit: Duration = .seconds(90)
    ) async throws {
        try await cluster.eventually("\(resource) \(key) is gone", resource, key, within: limit) { $0 == nil }
    }

    /// The events about an IstioOperator: type, reason and message.
    func events(about name: String) async throws -> [(type: String, reason: String, message: String)] {
        let scope = ListScope(
            namespace: namespace, fieldSelector: "involvedObject.kind=IstioOperator,involvedObject.name=\(name)")
        return try await client.list(.events, reader: .unstructured, in: scope).items.map { event in
            (
                event.json["type"]?.string ?? "", event.json["reason"]?.string ?? "",
                event.json["message"]?.string ?? ""
            )
        }
    }

    /// Waits for an event about an IstioOperator.
    func untilEvent(about name: String, _ type: String, _ reason: String, saying parts: [String]) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let found = try await events(about: name).contains { event in
                event.type == type && event.reason == reason && parts.allSatisfy { event.message.contains($0) }
            }
            if found { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("no event \(type) \(reason) saying \(parts): \(try await events(about: name))")
    }

    // MARK: What is installed

    /// What an IstioOperator owns, by its labels.
    func owned(by name: String) async throws -> [ObjectReference: UnstructuredObject] {
        let labels = LabelSelector(matchLabels: [
            "install.operator.istio.io/owning-resource": name,
            "install.operator.istio.io/owning-resource-namespace": namespace,
        ])
        return try await objects(ListScope(labels: labels))
    }

    /// All objects of the installed kinds.
    func objects(_ scope: ListScope) async throws -> [ObjectReference: UnstructuredObject] {
        let api = try await client.discover()
        var found: [ObjectReference: UnstructuredObject] = [:]
        for resource in renderedResources() where api.serves(resource.groupVersionKind) {
            for object in try await client.list(resource, reader: .unstructured, in: scope).items
            where !object.metadata.ownerReferences.contains(where: { $0.controller == true }) {
                found[object.reference] = object
            }
        }
        return found
    }

    /// What writes by the operator or by people would change in the objects of an IstioOperator: all but status.
    ///
    /// For kinds without a status that is their resource version.
    func footprint(of name: String) async throws -> [ObjectReference: JSONValue] {
        try await owned(by: name).mapValues { object in
            var json = object.json
            guard json["status"] != nil else { return object.json }
            json["status"] = nil
            json["metadata", "resourceVersion"] = nil
            let managers = json["metadata", "managedFields"]?.array ?? []
            json["metadata", "managedFields"] = .array(
                managers.filter { $0["manager"]?.string != "kube-controller-manager" })
            return json
        }
    }

    /// What a spec has to lead to while no webhook server answers.
    func expected(_ name: String, _ spec: JSONValue) async throws -> Set<ObjectReference> {
        Set(try await rendered(name, spec).filter { $0.gate == nil && !$0.isShared }.map(\.reference))
    }

    /// What a spec leads to once a webhook server answers.
    func behindWebhookServer(_ name: String, _ spec: JSONValue) async throws -> Set<ObjectReference> {
        Set(try await rendered(name, spec).filter { $0.gate == .webhookServer }.map(\.reference))
    }

    private func rendered(_ name: String, _ spec: JSONValue) async throws -> [Manifest] {
        let iop = IstioOperator(istioOperator(name, spec))
        let facts = ClusterFacts(
            kubernetesMinor: try await client.version().minor, served: try await client.discover().served)
        return try manifests(for: RenderInput(owner: iop.key, spec: iop.read().spec, facts: facts)).manifests
    }
}

extension OperatorCluster {
    /// Runs `body` with a namespace of its own; whatever it installs there is removed again, by force if need be.
    func withMesh(
        kubelet: Bool = true, for labels: LabelSelector? = nil, _ body: (Mesh) async throws -> Void
    ) async throws {
        try await cluster.withNamespace { namespace in
            let mesh = Mesh(operators: self, namespace: namespace)
            try await during {
                if kubelet { try await cluster.playKubelet(in: namespace, for: labels) }
            } _: {
                let result: Result<Void, any Error>
                do {
                    result = .success(try await body(mesh))
                } catch {
                    result = .failure(error)
                }
                try await mesh.clear()
                try result.get()
            }
        }
    }

    /// A namespace, and an operator at work.
    func withInstalledOperator(
        kubeletFor labels: LabelSelector? = nil, _ body: (Mesh, RunningOperator) async throws -> Void
    ) async throws {
        try await withMesh(for: labels) { mesh in
            try await withOperator { try await body(mesh, $0) }
        }
    }
}

extension Mesh {
    /// Removes every IstioOperator of the namespace and what it owns. No operator works any more.
    fileprivate func clear() async throws {
        let scope = ListScope(namespace: namespace)
        for object in try await client.list(.istioOperators, reader: .unstructured, in: scope).items {
            let owned = try await owned(by: object.name)
            _ = try await client.patch(
                .istioOperators, object.key, .merge(["metadata": ["finalizers": nil], "spec": nil]),
                fieldManager: "tests")
            _ = try await client.delete(.istioOperators, object.key)
            let api = try await client.discover()
            for object in owned.values {
                let resource = try #require(api.resource(for: object.groupVersionKind))
                _ = try await client.delete(resource, object.key)
            }
        }
    }
}
