import DiscoveryServer
import KubernetesModel
import MeshModel
import MeshObservation
import MeshTranslator
import XDSServer

extension DebugPage {
    @Sendable static func configz(_ request: DebugRequest) async -> DebugAnswer {
        let kind = request.parameter("kind")?.lowercased()
        let namespace = request.parameter("namespace")
        let objects = await request.state.configurationObjects().filter { reference, _ in
            (kind.map { $0 == reference.groupKind.kind.lowercased() } ?? true)
                && (namespace.map { $0 == reference.key.namespace } ?? true)
        }
        let versions = Dictionary(
            await request.state.watchedResources().map { ($0.groupKind, $0.apiVersion) }, uniquingKeysWith: { $1 })
        return .json(
            .array(
                objects.sorted { $0.key < $1.key }.map { reference, object in
                    var shown = json(of: object)
                    shown["apiVersion"] = versions[reference.groupKind].map { .string($0) }
                    return shown
                }))
    }

    private static func json(of object: ConfigurationObject) -> JSONValue {
        var metadata: JSONValue = ["name": .string(object.metadata.name)]
        if !object.metadata.namespace.isEmpty { metadata["namespace"] = .string(object.metadata.namespace) }
        if !object.metadata.labels.isEmpty { metadata["labels"] = JSONValue(object.metadata.labels) }
        var annotations = object.metadata.annotations
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        if !annotations.isEmpty { metadata["annotations"] = JSONValue(annotations) }
        if !object.metadata.creationTimestamp.isEmpty {
            metadata["creationTimestamp"] = .string(object.metadata.creationTimestamp)
        }
        return [
            "group": .string(object.groupKind.group), "kind": .string(object.groupKind.kind), "metadata": metadata,
            "spec": object.spec,
        ]
    }

    /// What went wrong, of proxies and of people.
    @Sendable static func pushStatus(_ request: DebugRequest) async -> DebugAnswer {
        let rejections = request.proxies().flatMap { proxy in
            proxy.connection.status.types.compactMap { status in
                status.rejection.map { rejection -> JSONValue in
                    [
                        "proxy": .string(proxy.name), "type": .string(status.typeURL.rawValue),
                        "resource": JSONValue(rejection.culprit), "message": .string(rejection.message),
                    ]
                }
            }
        }
        let diagnostics = await request.state.diagnostics().sorted { $0.key < $1.key }
        let problems = diagnostics.flatMap { reference, found in
            found.map { diagnostic -> JSONValue in
                [
                    "object": .string("\(reference)"), "severity": .string(diagnostic.severity.rawValue),
                    "path": .string(diagnostic.path), "message": .string(diagnostic.message),
                ]
            }
        }
        return .json(["rejected": .array(rejections), "diagnostics": .array(problems)])
    }

    /// What was configured, and over it what holds.
    @Sendable static func mesh(_ request: DebugRequest) async -> DebugAnswer {
        let text = await request.state.meshConfiguration() ?? ""
        let configured = (try? JSONValue.documents(yaml: text))?.first ?? .object([:])
        let settings = await request.state.meshSnapshot().settings
        return .json(
            (configured.object == nil ? .object([:]) : configured).merging([
                "trustDomain": .string(settings.trustDomain), "rootNamespace": .string(settings.rootNamespace),
                "trustDomainAliases": JSONValue(settings.trustDomainAliases),
            ]))
    }

    @Sendable static func clusterz(_ request: DebugRequest) async -> DebugAnswer {
        let own: JSONValue = [
            "id": .string(await request.state.meshSnapshot().settings.clusterID), "syncStatus": "synced",
        ]
        let others = await request.state.remoteClusters().map { cluster -> JSONValue in
            var answer: JSONValue = [
                "id": .string(cluster.id), "syncStatus": .string(cluster.word),
                "secretName": .string("\(cluster.secret.namespace)/\(cluster.secret.name)"),
            ]
            if case .failing(let problem) = cluster.state { answer["error"] = .string(problem) }
            if !cluster.duties.isEmpty {
                answer["duties"] = .object(
                    Dictionary(
                        uniqueKeysWithValues: cluster.duties.map { ($0.key.rawValue, .string("\($0.value)")) }))
            }
            if !cluster.missingRights.isEmpty { answer["missingRights"] = JSONValue(cluster.missingRights) }
            return answer
        }
        return .json(.array([own] + others))
    }
}
