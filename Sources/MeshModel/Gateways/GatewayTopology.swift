package import KubernetesModel

/// What stands in front of a gateway (`gatewayTopology`).
package struct GatewayTopology: Hashable, Sendable {
    /// What becomes of the header that names the client's certificate.
    package enum ClientCertificate: String, Hashable, Sendable {
        case sanitize = "SANITIZE"
        case forwardOnly = "FORWARD_ONLY"
        case appendForward = "APPEND_FORWARD"
        case sanitizeSet = "SANITIZE_SET"
        case alwaysForwardOnly = "ALWAYS_FORWARD_ONLY"
    }

    /// How many proxies in front are trusted to name the client.
    package var trustedProxies = 0
    package var clientCertificate = ClientCertificate.sanitizeSet
    /// Connections begin with the PROXY protocol.
    package var usesProxyProtocol = false

    package init() {}

    /// Reads it as MeshConfig or an agent writes it; what makes no sense is as if it were not there.
    package init(_ json: JSONValue?) {
        let trusted = json?["numTrustedProxies"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        trustedProxies = (0...65535).contains(trusted) ? trusted : 0
        clientCertificate =
            json?["forwardClientCertDetails"]?.string.flatMap(ClientCertificate.init(rawValue:)) ?? .sanitizeSet
        usesProxyProtocol = json?["proxyProtocol"]?.object != nil
    }
}
