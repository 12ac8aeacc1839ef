import ControllerRuntime
import InstallationValues
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ManifestRenderer
import OperatorControllers
import Testing

extension OperatorTests {
    /// What is printed for others to apply: a real API server takes it, and the second time it changes nothing.
    @Suite struct RenderedObjectTests {
        /// Server-side apply refuses fields that the server does not know, so that this is a check of every field.
        @Test(arguments: Profile.allCases.map { ($0.rawValue, JSONValue.object([:])) } + changedSpecs)
        func isAccepted(_ profile: String, _ changes: JSONValue) async throws {
            let operators = try await OperatorCluster.shared
            try await operators.cluster.withNamespace { namespace in
                let printed = try await operators.printed(profile, changes, in: namespace)
                #expect(printed.objects.isEmpty == (profile == "empty"))
                #expect(printed.notServed.isSubset(of: ["NetworkAttachmentDefinition"]))
                let refused = try await printed.each { resource, object in
                    do {
                        _ = try await operators.client.apply(
                            resource, object, fieldManager: manager, force: true, dryRun: true)
                        return String?.none
                    } catch let error as APIError {
                        return "\(object.reference): \(error.message)"
                    }
                }
                #expect(refused.compactMap(\.self) == [])
            }
        }

        /// Neither by our own applier, nor, but for the time of the apply, by anybody's server-side apply: before
        /// Kubernetes 1.22 that writes the time where a text was stored in another spelling (`1024Mi` as `1Gi`).
        @Test(arguments: ["default", "demo"])
        func applyingAgainChangesNothing(_ profile: String) async throws {
            let operators = try await OperatorCluster.shared
            try await operators.cluster.withNamespace { namespace in
                let printed = try await operators.printed(profile, [:], in: namespace)
                try await operators.withoutControllers {
                    let result: Result<Void, any Error>
                    do {
                        try await printed.apply(with: operators)
                        let first = try await printed.live(with: operators)
                        let outcomes = try await printed.apply(with: operators)
                        #expect(outcomes == Array(repeating: .unchanged, count: printed.objects.count))
                        #expect(try await printed.live(with: operators) == first)

                        _ = try await printed.each {
                            try await operators.client.apply($0, $1, fieldManager: manager, force: true)
                        }
                        let last = try await printed.live(with: operators)
                        #expect(last.map(\.withoutTimes) == first.map(\.withoutTimes))
                        result = .success(())
                    } catch {
                        result = .failure(error)
                    }
                    try await printed.delete(with: operators)
                    try result.get()
                }
            }
        }

        private static let changedSpecs: [(String, JSONValue)] = [
            ("demo", ["revision": "canary", "values": ["global": ["networkPolicy": ["enabled": true]]]]),
            ("default", ["values": ["apus": ["rbac": "istio"], "defaultRevision": "default"]]),
            ("remote", ["values": ["global": ["remotePilotAddress": "192.0.2.7"]]]),
            (
                "ambient",
                [
                    "values": [
                        "global": ["platform": "gke", "networkPolicy": ["enabled": true]],
                        "pilot": ["autoscaleMin": 2, "taint": ["enabled": true]],
                    ]
                ]
            ),
        ]
    }
}

private let manager = IstioOperatorReconciler.installManager

/// The objects of an install as they are printed, in versions that the cluster serves.
private struct PrintedObjects: Sendable {
    var objects: [(resource: APIResource, object: UnstructuredObject)] = []
    /// Kinds that the cluster does not have.
    var notServed: Set<String> = []

    /// Calls `body` with every object, several at a time; answers in the order of the objects.
    func each<Answer: Sendable>(
        _ body: @escaping @Sendable (APIResource, UnstructuredObject) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, (resource, object)) in objects.enumerated() {
                group.addTask { (index, try await body(resource, object)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    @discardableResult
    func apply(with operators: OperatorCluster) async throws -> [ApplyOutcome] {
        let applier = Applier(client: operators.client, manager: manager)
        let outcomes = try await each { try await applier.apply($1, as: $0).0 }
        for (_, object) in objects where object.kind == "CustomResourceDefinition" {
            try await operators.cluster.eventually("it is established", .customResourceDefinitions, object.key) {
                $0?.hasCondition("Established") == true
            }
        }
        return outcomes
    }

    /// The objects as the server has them.
    func live(with operators: OperatorCluster) async throws -> [UnstructuredObject] {
        try await each { try await operators.client.get($0, $1.key) }
    }

    /// Deletes all of them now, not some time after their namespace, when another test already looks at what is there;
    /// all but definitions: other tests install them too.
    func delete(with operators: OperatorCluster) async throws {
        _ = try await each { resource, object in
            guard !["Namespace", "CustomResourceDefinition"].contains(object.kind) else { return false }
            return try await operators.client.delete(resource, object.key)
        }
    }
}

extension UnstructuredObject {
    /// This object without its version, and without the times at which managers wrote.
    fileprivate var withoutTimes: JSONValue {
        var json = json
        json["metadata", "resourceVersion"] = nil
        let managers = json["metadata", "managedFields"]?.array ?? []
        json["metadata", "managedFields"] = .array(managers.map { $0.merging(["time": nil]) })
        return json
    }
}

extension OperatorCluster {
    /// Renders a profile with changes, as for a file, into a namespace.
    fileprivate func printed(
        _ profile: String, _ changes: JSONValue, in namespace: String
    ) async throws -> PrintedObjects {
        let found = try await FactsSource(client: client).current()
        let here: JSONValue = [
            "profile": .string(profile), "values": ["global": ["istioNamespace": .string(namespace)]],
        ]
        let read = IstioOperatorSpec.read(here.merging(changes))
        #expect(read.diagnostics.filter { $0.severity == .error } == [])
        let owner = ObjectKey(namespace: namespace, name: "printed")
        let rendered = try manifests(
            for: RenderInput(owner: owner, spec: read.spec, facts: found.facts, purpose: .file))
        var printed = PrintedObjects()
        for object in rendered.manifests.map(\.object) {
            if let resource = found.api.resource(for: object.groupVersionKind) {
                printed.objects.append((resource, object))
            } else {
                printed.notServed.insert(object.kind)
            }
        }
        return printed
    }

    /// Runs `body` while nobody writes statuses or scales.
    fileprivate func withoutControllers(_ body: () async throws -> Void) async throws {
        try await cluster.stop("kube-controller-manager")
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        try await cluster.start("kube-controller-manager")
        try result.get()
    }
}
