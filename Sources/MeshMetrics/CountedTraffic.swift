/// What an agent has counted, told of it by Envoy.
package struct CountedTraffic: Hashable, Sendable {
    package var connections: [ConnectionTotals]
    package var requests: [RequestTotals]

    package init(connections: [ConnectionTotals] = [], requests: [RequestTotals] = []) {
        self.connections = connections
        self.requests = requests
    }
}
