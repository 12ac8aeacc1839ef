import KubernetesModel
import MeshModel
import MeshTranslator

extension DebugPage {
    @Sendable static func authorizationz(_ request: DebugRequest) async -> DebugAnswer {
        .json(["authorization_policies": await authorizationPolicies(request)])
    }

    @Sendable static func telemetryz(_ request: DebugRequest) async -> DebugAnswer {
        let kind = GroupKind(group: "telemetry.istio.io", kind: "Telemetry")
        return .json(["telemetries": await byNamespace(kind, "namespace_to_telemetries", request)])
    }

    /// What counts for all proxies, in the words of Istio's own page.
    @Sendable static func pushcontext(_ request: DebugRequest) async -> DebugAnswer {
        let gateways = networkGateways(await request.state.meshSnapshot().topology)
        let byNetwork = Dictionary(grouping: gateways) { $0["Network"]?.string ?? "" }
        return .json([
            "AuthorizationPolicies": await authorizationPolicies(request),
            "NetworkGateways": .object(byNetwork.mapValues { .array($0) }),
            "UnresolvedGateways": .array(unresolvedGateways(await request.state.meshSnapshot().topology)),
        ])
    }

    private static func authorizationPolicies(_ request: DebugRequest) async -> JSONValue {
        let kind = GroupKind(group: "security.istio.io", kind: "AuthorizationPolicy")
        return await byNamespace(kind, "namespace_to_policies", request)
    }

    /// The objects of a kind, as they were read, by namespace; those of the proxy's namespace and of the mesh alone, if
    /// one is named and here.
    private static func byNamespace(_ kind: GroupKind, _ field: String, _ request: DebugRequest) async -> JSONValue {
        let root = await request.state.meshSnapshot().settings.rootNamespace
        var namespaces: Set<String>?
        if case .success(let proxy) = request.namedProxy() {
            namespaces = [
                root, proxy.metadata["NAMESPACE"]?.string ?? String(proxy.name.drop { $0 != "." }.dropFirst()),
            ]
        }
        var result: [String: [JSONValue]] = [:]
        let objects = await request.state.configurationObjects().filter { reference, _ in
            reference.groupKind == kind && namespaces?.contains(reference.key.namespace) ?? true
        }
        for (reference, object) in objects.sorted(by: { $0.key < $1.key }) {
            var entry: JSONValue = [
                "name": .string(reference.key.name), "namespace": .string(reference.key.namespace),
                "spec": object.spec,
            ]
            var annotations = object.metadata.annotations
            annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
            if !annotations.isEmpty { entry["annotations"] = JSONValue(annotations) }
            result[reference.key.namespace, default: []].append(entry)
        }
        return .object([field: .object(result.mapValues { .array($0) }), "root_namespace": .string(root)])
    }
}
