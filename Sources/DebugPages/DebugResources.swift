import DiscoveryServer
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import XDSServer

extension DebugPage {
    /// The kinds of configuration that are watched now.
    @Sendable static func resourcesz(_ request: DebugRequest) async -> DebugAnswer {
        let resources = await request.state.watchedResources()
        return .json(
            .array(
                resources.sorted { ($0.group, $0.kind) < ($1.group, $1.kind) }.map {
                    ["group": .string($0.group), "version": .string($0.version), "kind": .string($0.kind)]
                }))
    }

    /// Encoded resources, each once however many proxies are sent it: names by type, or (`?sizes`) bytes.
    @Sendable static func cachez(_ request: DebugRequest) async -> DebugAnswer {
        if request.parameter("clear") != nil {
            return .invalid("nothing is kept that nobody is sent: there is nothing to clear")
        }
        let kept = Dictionary(grouping: await request.state.keptResources(), by: \.typeURL)
        guard request.parameter("sizes") == nil else {
            return .json(.object(kept.mapValues { .integer(Int64($0.reduce(0) { $0 + $1.bytes })) }))
        }
        return .json(.object(kept.mapValues { JSONValue($0.map(\.name).sorted()) }))
    }

    /// The templates that Pods are injected by.
    @Sendable static func inject(_ request: DebugRequest) async -> DebugAnswer {
        guard let templates = await request.state.injectionTemplates() else {
            return .notFound(
                "this control plane injects nothing: the injector's ConfigMap is not there, or cannot be used")
        }
        return .json(JSONValue(templates))
    }

    /// What a proxy can reach, and the Sidecar that says so.
    @Sendable static func sidecarz(_ request: DebugRequest) async -> DebugAnswer {
        switch request.namedProxy() {
        case .failure(let problem): return problem.answer
        case .success(let proxy):
            guard let scope = await request.state.scope(ofProxy: proxy.node.id) else {
                return .notFound("\(proxy.name) is connected, but nothing is made for it yet: ask again")
            }
            return .json(await sidecar(scope, request))
        }
    }

    private static func sidecar(_ scope: ProxyScope, _ request: DebugRequest) async -> JSONValue {
        let snapshot = await request.state.meshSnapshot()
        let (root, outbound) = (snapshot.settings.rootNamespace, scope.view.outbound)
        let services = snapshot.services(visibleTo: outbound).sorted { $0.key < $1.key }
        var rules: [String: JSONValue] = [:]
        for service in services {
            let rule = snapshot.configuration.destinationRules.rule(
                for: service.hostname, in: service.namespace, from: outbound.namespace, labels: scope.view.labels,
                root: root)
            if let origin = rule?.origin {
                rules[service.hostname] = [["name": .string(origin.name), "namespace": .string(origin.namespace)]]
            }
        }
        var answer: JSONValue = [
            "rootNamespace": .string(root), "namespace": .string(outbound.namespace),
            "name": .string(scope.sidecar?.key.name ?? ""),
            "outboundTrafficPolicy": ["mode": mode(outbound.outboundPolicy?.mode ?? snapshot.settings.outboundPolicy)],
            "services": .array(
                services.map { ["hostname": .string($0.hostname), "namespace": .string($0.namespace)] }),
            "destinationRules": .object(rules),
        ]
        if let sidecar = scope.sidecar, let object = await request.state.configurationObjects()[sidecar] {
            answer["sidecar"] = object.spec
        }
        return answer
    }

    private static func mode(_ policy: MeshSettings.OutboundPolicy) -> JSONValue {
        switch policy {
        case .allowAny: "ALLOW_ANY"
        case .allowAnyDynamicDNS: "ALLOW_ANY_DYNAMIC_DNS"
        case .registryOnly: "REGISTRY_ONLY"
        }
    }

    /// Has a proxy connect anew; it is told once what it asked for is answered.
    @Sendable static func forceDisconnect(_ request: DebugRequest) async -> DebugAnswer {
        guard request.site.allowsUnsafe else {
            return .forbidden("it changes something: UNSAFE_ENABLE_ADMIN_ENDPOINTS=true allows that")
        }
        switch request.namedProxy() {
        case .failure(let problem): return problem.answer
        case .success(let proxy):
            return request.state.streams.drain(proxy.connection.status.id)
                ? .text("OK\n") : .notFound("\(proxy.name) has gone meanwhile")
        }
    }
}
