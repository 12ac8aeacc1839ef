import EnvoyAPI

/// What is done to the connections and requests of filter chains besides passing them on.
///
/// Filters of HTTP stand in a connection manager, those of the network in front of a connection manager or a TCP proxy.
/// A chain gets those that fit it: filters for TCP do nothing on a chain whose requests are looked at one by one.
package struct ConnectionFilters: Hashable, Sendable {
    /// By phase; in order within a phase. Phases without any are left out, so that equal filters are equal values.
    private var requests: [FilterPhase: [HTTPFilterInput]] = [:]
    /// On chains that end in a TCP proxy.
    private var connections: [FilterPhase: [NetworkFilterInput]] = [:]
    /// On chains that end in a connection manager, in front of it.
    private var connectionsOfRequests: [FilterPhase: [NetworkFilterInput]] = [:]

    package init() {}

    package static let none = ConnectionFilters()

    /// Adds filters of requests behind those that the phase has.
    package mutating func add(_ filters: [HTTPFilterInput], in phase: FilterPhase) {
        guard !filters.isEmpty else { return }
        requests[phase, default: []] += filters
    }

    /// Adds filters of connections behind those that the phase has.
    ///
    /// - Parameter isForRequests: They work where requests are looked at too, in front of the connection manager.
    package mutating func add(
        _ filters: [NetworkFilterInput], in phase: FilterPhase, isForRequests: Bool = false
    ) {
        guard !filters.isEmpty else { return }
        connections[phase, default: []] += filters
        if isForRequests { connectionsOfRequests[phase, default: []] += filters }
    }

    /// Of requests, in order.
    package var requestFilters: [HTTPFilterInput] { inOrder(requests) }
    /// Of connections that a TCP proxy passes on, in order.
    package var connectionFilters: [NetworkFilterInput] { inOrder(connections) }

    private func inOrder<Filter>(_ filters: [FilterPhase: [Filter]]) -> [Filter] {
        FilterPhase.allCases.flatMap { filters[$0] ?? [] }
    }
}

extension ConnectionFilters {
    /// All filters of a connection manager, with the ones that every one has; the router last.
    func httpFilters() throws -> [HTTPFilter] {
        let (first, last) = (FilterPhase.allCases.filter { $0 < .telemetry }, [FilterPhase.telemetry, .lookup])
        func messages(_ phases: [FilterPhase]) throws -> [HTTPFilter] {
            try phases.flatMap { requests[$0] ?? [] }.map { try $0.message() }
        }
        return try messages(first) + HTTPFilter.standard() + messages(last)
            + [HTTPFilter.router()]
    }

    /// What stands in front of a connection manager or, with `isTCP`, of a TCP proxy.
    func networkFilters(isTCP: Bool) throws -> [Envoy_Config_Listener_V3_Filter] {
        try inOrder(isTCP ? connections : connectionsOfRequests).map { try $0.message() }
    }
}
