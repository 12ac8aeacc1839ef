import EnvoyAPI
package import KubernetesModel
package import MeshModel
import SwiftProtobuf

extension ResourcePlan {
    /// This plan with the changes of one side of a proxy: resources that patches add are added, those they remove are
    /// gone, and those they may change say so in their input.
    ///
    /// - Parameter writtenPorts: By the ports that a gateway listens on, those that Gateways call them.
    func patched(by patches: [EnvoyPatch], writtenPorts: [Int: Set<Int>] = [:]) -> ResourcePlan {
        guard !patches.isEmpty else { return self }
        var plan = self
        plan.clusters = patches.applied(to: clusters, target: .cluster) { patch, input in
            patch.match.cluster?.matches(input.name, hosts: input.servedHosts) ?? true
        }
        plan.listeners = patches.applied(to: listeners, target: .listener) { patch, input in
            patch.match.listener.map { input.isMeant(by: $0) } ?? true
        }
        let parts = patches.filter { $0.target.isPartOfListener || $0.target.isPartOfRoutes }
        if !parts.isEmpty { plan.listeners = plan.listeners.map { $0.changed(by: parts.filter($0.mayHold)) } }
        let routing = patches.filter(\.target.isPartOfRoutes)
        if !routing.isEmpty {
            plan.routes = routes.map { input in
                input.changed(by: routing.map { $0.read(for: input.name, writtenPorts) })
            }
        }
        for patch in patches where patch.target == .extensionConfig && patch.operation == .add {
            plan.extensionConfigs.append(.added(patch))
        }
        return plan
    }
}

extension EnvoyPatch.Target {
    fileprivate var isPartOfListener: Bool {
        switch self {
        case .listenerFilter, .filterChain, .networkFilter, .httpFilter: true
        default: false
        }
    }

    fileprivate var isPartOfRoutes: Bool {
        switch self {
        case .routeConfiguration, .virtualHost, .httpRoute: true
        default: false
        }
    }
}

extension [EnvoyPatch] {
    /// What whole resources become.
    fileprivate func applied(
        to inputs: [ResourceInput], target: EnvoyPatch.Target,
        isMatched: (EnvoyPatch, ResourceInput) -> Bool
    ) -> [ResourceInput] {
        let relevant = filter { $0.target == target }
        guard !relevant.isEmpty else { return inputs }
        var result = inputs.filter { input in
            !relevant.contains { $0.operation == .remove && isMatched($0, input) }
        }
        result = result.map { input in
            input.changed(by: relevant.filter { $0.changesWhole && isMatched($0, input) })
        }
        var names = Set(result.map(\.name))
        for patch in relevant where patch.operation == .add {
            let added = ResourceInput.added(patch)
            if !added.name.isEmpty, names.insert(added.name).inserted { result.append(added) }
        }
        return result
    }
}

extension EnvoyPatch {
    fileprivate var changesWhole: Bool {
        switch operation {
        case .merge, .mergeReplacingLists, .replace: true
        default: false
        }
    }
}

extension ResourceInput {
    /// This resource with patches applied; several sets of them are one.
    fileprivate func changed(by patches: [EnvoyPatch]) -> ResourceInput {
        if patches.isEmpty { return self }
        if case .patched(let input, let earlier) = self { return .patched(input, earlier + patches) }
        return .patched(self, patches)
    }

    /// Whether a patch of a part may concern this listener.
    fileprivate func mayHold(_ patch: EnvoyPatch) -> Bool {
        if patch.target.isPartOfRoutes { return holdsRoutes }
        guard let match = patch.match.listener else { return true }
        // Of listeners that capture sends all to, ports are told by the chains.
        if name == VirtualInboundInput.name || name == VirtualOutboundInput.name {
            return match.name.isEmpty || match.name == name
        }
        return isMeant(by: match)
    }

    /// Routes stand in it, instead of being asked for.
    private var holdsRoutes: Bool {
        switch self {
        case .virtualInbound: true
        case .patched(let input, _): input.holdsRoutes
        default: false
        }
    }

    /// Whether a match is for this listener as a whole.
    fileprivate func isMeant(by match: EnvoyListenerMatch) -> Bool {
        if !match.name.isEmpty, match.name != name { return false }
        guard let port = match.port else { return true }
        return listeningPort.map { $0 == port } ?? name.hasSuffix("_\(port)")
    }

    /// Nil where only the resource itself tells.
    private var listeningPort: Int? {
        switch self {
        case .outboundListener(let input): input.port
        case .routerListener(let input): input.port
        case .virtualOutbound(let input): input.port
        case .virtualInbound(let input): input.boundPort?.number ?? input.port
        case .patched(let input, _): input.listeningPort
        default: nil
        }
    }

    /// Hosts of the services that this cluster of the own workload is for.
    fileprivate var servedHosts: [String] {
        switch self {
        case .inboundCluster(let input): input.services.map(\.host)
        case .patched(let input, _): input.servedHosts
        default: []
        }
    }
}

extension EnvoyPatch {
    /// As it is meant for the routes of a gateway: ports count as Gateways write them, but the names of routes have those
    /// that are listened on.
    fileprivate func read(for routes: String, _ writtenPorts: [Int: Set<Int>]) -> EnvoyPatch {
        guard case .routeConfiguration(var match) = match, let port = match.port, routes.hasPrefix("http."),
            let own = RouteNames.port(of: routes), writtenPorts[own]?.contains(port) ?? false
        else { return self }
        match.port = own
        var patch = self
        patch.match = .routeConfiguration(match)
        return patch
    }
}

extension EnvoyPatch {
    /// The resource that this patch adds.
    func addedResource() throws -> any Message {
        switch target {
        case .cluster: try patchValue(value, as: Envoy_Config_Cluster_V3_Cluster.self)
        case .listener: try patchValue(value, as: Envoy_Config_Listener_V3_Listener.self)
        default: try patchValue(value, as: Envoy_Config_Core_V3_TypedExtensionConfig.self)
        }
    }

    var addedTypeURL: String {
        switch target {
        case .cluster: Envoy_Config_Cluster_V3_Cluster.typeURL
        case .listener: Envoy_Config_Listener_V3_Listener.typeURL
        default: Envoy_Config_Core_V3_TypedExtensionConfig.typeURL
        }
    }
}

/// What is wrong with the values of an EnvoyFilter's patches: those whose values are not what they are put in for change
/// nothing.
package func diagnostics(of filter: EnvoyFilter) -> [Diagnostic] {
    filter.patches.compactMap { patch in
        guard patch.operation != .remove else { return nil }
        do {
            switch patch.target {
            case .cluster: _ = try patchValue(patch.value, as: Envoy_Config_Cluster_V3_Cluster.self)
            case .listener: _ = try patchValue(patch.value, as: Envoy_Config_Listener_V3_Listener.self)
            case .listenerFilter: _ = try patchValue(patch.value, as: Envoy_Config_Listener_V3_ListenerFilter.self)
            case .filterChain: _ = try patchValue(patch.value, as: Envoy_Config_Listener_V3_FilterChain.self)
            case .networkFilter: _ = try patchValue(patch.value, as: Envoy_Config_Listener_V3_Filter.self)
            case .httpFilter:
                _ = try patchValue(
                    patch.value, as: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter.self)
            case .routeConfiguration:
                _ = try patchValue(patch.value, as: Envoy_Config_Route_V3_RouteConfiguration.self)
            case .virtualHost: _ = try patchValue(patch.value, as: Envoy_Config_Route_V3_VirtualHost.self)
            case .httpRoute: _ = try patchValue(patch.value, as: Envoy_Config_Route_V3_Route.self)
            case .extensionConfig:
                _ = try patchValue(patch.value, as: Envoy_Config_Core_V3_TypedExtensionConfig.self)
            case .bootstrap: _ = try patchValue(patch.value, as: Envoy_Config_Bootstrap_V3_Bootstrap.self)
            }
            return nil
        } catch {
            return Diagnostic(
                path: "\(patch.path).patch.value",
                message: "is no \(patch.target.rawValue) of Envoy, so that the patch changes nothing: \(error)")
        }
    }
}
