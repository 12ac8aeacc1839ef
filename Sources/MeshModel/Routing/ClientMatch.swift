/// Conditions on who asks, and where: known before any traffic comes.
package struct ClientMatch: Hashable, Sendable {
    /// The port that was called; nil for any.
    package var port: Int?
    /// Of the client's workload, all of them.
    package var labels: [String: String]
    /// Nil for any.
    package var namespace: String?
    /// Who applies the rule, instead of all gateways that its object names. Then nothing else of the client counts.
    package var gateways: [String]

    package init(
        port: Int? = nil, labels: [String: String] = [:], namespace: String? = nil, gateways: [String] = []
    ) {
        self.port = port
        self.labels = labels
        self.namespace = namespace
        self.gateways = gateways
    }

    /// Whether a proxy has the rule.
    ///
    /// - Parameters:
    ///   - gateway: What the proxy is here: `mesh`, or a gateway.
    ///   - port: That clients call.
    ///   - namespace: Of the proxy, as are the labels.
    package func applies(gateway: String, port: Int, namespace: String, labels: [String: String]) -> Bool {
        if let wanted = self.port, wanted != port { return false }
        if !gateways.isEmpty { return gateways.contains(gateway) }
        if let wanted = self.namespace, wanted != namespace { return false }
        return self.labels.allSatisfy { labels[$0.key] == $0.value }
    }
}
