/// What an agent has counted, told of it by Envoy.
package struct CountedTraffic: Hashable, Sendable {
    /// By series.
    package var connections: [ConnectionTotals]
    /// By series.
    package var requests: [RequestTotals]

    /// By default, nothing.
    package init(connections: [ConnectionTotals] = [], requests: [RequestTotals] = []) {
        self.connections = connections
        self.requests = requests
    }
}
