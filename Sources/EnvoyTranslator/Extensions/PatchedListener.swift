import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Listener_V3_Listener {
    /// This listener with all that patches change of it: itself first, then its parts, from the outside to the inside.
    func patched(by patches: [EnvoyPatch]) throws -> Self {
        var listener = self
        for patch in patches where patch.target == .listener { listener.change(patch) }
        for patch in patches where patch.target == .listenerFilter && patch.reaches(listener) {
            PatchedList<Envoy_Config_Listener_V3_ListenerFilter>(
                isMatched: { patch, filter in
                    let name = patch.match.listener?.listenerFilter ?? ""
                    return name.isEmpty || FilterNames.isMeant(filter.name, by: name)
                },
                namesElement: { !($0.match.listener?.listenerFilter ?? "").isEmpty }
            ).apply(patch, to: &listener.listenerFilters)
        }
        for patch in patches where patch.target == .filterChain && patch.reaches(listener) {
            listener.changeChains(patch)
        }
        let inner = patches.filter(\.isInsideChains)
        guard !inner.isEmpty else { return listener }
        for index in listener.filterChains.indices {
            try listener.filterChains[index].change(inner, in: listener)
        }
        if listener.hasDefaultFilterChain { try listener.defaultFilterChain.change(inner, in: listener) }
        return listener
    }

    private mutating func change(_ patch: EnvoyPatch) {
        guard patch.reaches(self) else { return }
        switch patch.operation {
        case .merge, .mergeReplacingLists: merge(patch)
        case .replace:
            guard let value = try? patchValue(patch.value, as: Self.self) else { return }
            self = value
        default: break
        }
    }

    private mutating func changeChains(_ patch: EnvoyPatch) {
        let listener = self
        PatchedList<Envoy_Config_Listener_V3_FilterChain>(
            isMatched: { patch, chain in patch.isFor(chain, in: listener) },
            namesElement: { $0.match.listener?.chain != nil }, merge: { $0.mergeWithSocket($1) }
        ).apply(patch, to: &filterChains)
        guard hasDefaultFilterChain, patch.isFor(defaultFilterChain, in: listener) else { return }
        switch patch.operation {
        case .merge, .mergeReplacingLists: defaultFilterChain.mergeWithSocket(patch)
        case .remove: clearDefaultFilterChain()
        default: break
        }
    }

    fileprivate var isVirtual: Bool { name == VirtualInboundInput.name || name == VirtualOutboundInput.name }
}

extension EnvoyPatch {
    /// Whether it changes filters, or the routes that come along with a chain.
    fileprivate var isInsideChains: Bool {
        switch target {
        case .networkFilter, .httpFilter, .routeConfiguration, .virtualHost, .httpRoute: true
        default: false
        }
    }

    /// Whether it can be for this listener. Of the two listeners that capture sends all to, ports are told by the chains;
    /// as a whole they are on ports of their own.
    fileprivate func reaches(_ listener: Envoy_Config_Listener_V3_Listener) -> Bool {
        guard let match = match.listener else { return true }
        if !match.name.isEmpty, match.name != listener.name { return false }
        guard let port = match.port, target == .listener || !listener.isVirtual else { return true }
        return listener.address.socketAddress.portValue == UInt32(clamping: port)
    }

    fileprivate func isFor(
        _ chain: Envoy_Config_Listener_V3_FilterChain, in listener: Envoy_Config_Listener_V3_Listener
    ) -> Bool {
        guard let match = match.listener else { return true }
        guard reaches(listener) else { return false }
        let criteria = chain.filterChainMatch
        if listener.isVirtual, let port = match.port,
            !criteria.hasDestinationPort || criteria.destinationPort.value != UInt32(clamping: port)
        {
            return false
        }
        guard let wanted = match.chain else { return true }
        if !wanted.name.isEmpty, wanted.name != chain.name { return false }
        if !wanted.serverName.isEmpty, !criteria.serverNames.contains(wanted.serverName) { return false }
        if !wanted.transportProtocol.isEmpty, wanted.transportProtocol != criteria.transportProtocol { return false }
        if !wanted.transportSocket.isEmpty, wanted.transportSocket != chain.transportSocket.name { return false }
        if !wanted.applicationProtocols.allSatisfy(criteria.applicationProtocols.contains) { return false }
        if let port = wanted.destinationPort, criteria.destinationPort.value != UInt32(clamping: port) { return false }
        return true
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    fileprivate mutating func change(
        _ patches: [EnvoyPatch], in listener: Envoy_Config_Listener_V3_Listener
    ) throws {
        let reaching = patches.filter { $0.match.listener == nil || $0.isFor(self, in: listener) }
        guard !reaching.isEmpty else { return }
        for patch in reaching where patch.target == .networkFilter {
            PatchedList<Envoy_Config_Listener_V3_Filter>(
                isMatched: { patch, filter in
                    let name = patch.match.listener?.chain?.filter ?? ""
                    return name.isEmpty || FilterNames.isMeant(filter.name, by: name)
                },
                namesElement: { !($0.match.listener?.chain?.filter ?? "").isEmpty },
                placeOfAdded: { patch, filters in
                    FilterOrder.place(of: patch.filterClass, among: filters.map(\.name))
                }
            ).apply(patch, to: &filters)
        }
        let http = reaching.filter { $0.target != .networkFilter }
        guard !http.isEmpty else { return }
        for index in filters.indices where filters[index].typedConfig.isA(ConnectionManager.self) {
            let name = filters[index].name
            let relevant = http.filter { patch in
                guard let wanted = patch.match.listener?.chain?.filter, !wanted.isEmpty else { return true }
                return FilterNames.isMeant(name, by: wanted)
            }
            guard !relevant.isEmpty else { continue }
            let manager = try ConnectionManager(unpackingAny: filters[index].typedConfig)
            let changed = manager.patched(by: relevant)
            guard changed != manager else { continue }
            filters[index].typedConfig = try .init(packing: changed)
        }
    }
}

extension ConnectionManager {
    fileprivate func patched(by patches: [EnvoyPatch]) -> Self {
        var manager = self
        for patch in patches where patch.target == .httpFilter {
            PatchedList<Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter>(
                isMatched: { patch, filter in
                    let name = patch.match.listener?.chain?.subFilter ?? ""
                    return name.isEmpty || FilterNames.isMeant(filter.name, by: name)
                },
                namesElement: { !($0.match.listener?.chain?.subFilter ?? "").isEmpty },
                placeOfAdded: { patch, filters in
                    FilterOrder.place(of: patch.filterClass, among: filters.map(\.name))
                }
            ).apply(patch, to: &manager.httpFilters)
        }
        if case .routeConfig(let routes)? = manager.routeSpecifier {
            manager.routeConfig = routes.patched(by: patches)
        }
        return manager
    }
}

/// Where filters belong among others.
enum FilterOrder {
    /// Where an added filter goes: after those of its class, else before the last one if that ends the chain.
    static func place(of filterClass: EnvoyPatch.FilterClass?, among names: [String]) -> Int {
        let end = names.last.map(terminal.contains) ?? false ? names.count - 1 : names.count
        switch filterClass {
        case .authentication:
            return names.lastIndex(where: authentication.contains).map { $0 + 1 } ?? 0
        case .authorization:
            return names.lastIndex { authentication.contains($0) || authorization.contains($0) }.map { $0 + 1 } ?? 0
        case .statistics:
            return names.firstIndex(where: statistics.contains) ?? end
        case nil: return end
        }
    }

    private static let terminal: Set<String> = [
        "envoy.filters.http.router", "envoy.filters.network.tcp_proxy",
        "envoy.filters.network.http_connection_manager",
    ]
    private static let authentication: Set<String> = ["envoy.filters.http.jwt_authn", "istio_authn"]
    private static let authorization: Set<String> = [
        "envoy.filters.http.rbac", "envoy.filters.http.ext_authz", "envoy.filters.network.rbac",
        "envoy.filters.network.ext_authz",
    ]
    private static let statistics: Set<String> = ["istio.stats", "envoy.filters.http.grpc_stats"]
}
