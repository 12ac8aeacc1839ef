import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension ConnectionManager {
    /// Requests come from outside: who sent them is told by their connection, and what they say of it is not believed
    /// but for as many proxies in front as are trusted.
    mutating func takeFromOutside(_ topology: GatewayTopology) {
        useRemoteAddress = true
        xffNumTrustedHops = UInt32(clamping: topology.trustedProxies)
        serverName = "istio-envoy"
        forwardClientCertDetails = .init(topology.clientCertificate)
        guard topology.clientCertificate.isSet else { return }
        setCurrentClientCertDetails = .with {
            $0.subject = true
            $0.cert = true
            $0.dns = true
            $0.uri = true
        }
    }
}

extension GatewayTopology.ClientCertificate {
    /// What the gateway itself knows of the certificate is told.
    fileprivate var isSet: Bool { self == .sanitizeSet || self == .appendForward }
}

extension ConnectionManager.ForwardClientCertDetails {
    fileprivate init(_ details: GatewayTopology.ClientCertificate) {
        switch details {
        case .sanitize: self = .sanitize
        case .forwardOnly: self = .forwardOnly
        case .appendForward: self = .appendForward
        case .sanitizeSet: self = .sanitizeSet
        case .alwaysForwardOnly: self = .alwaysForwardOnly
        }
    }
}
