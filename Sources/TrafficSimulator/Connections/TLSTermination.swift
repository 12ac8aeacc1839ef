import EnvoyAPI
import SwiftProtobuf

/// What a filter chain does about TLS.
struct TLSTermination: Hashable {
    /// TLS ends at the chain.
    var ends: Bool
    /// Clients have to show a certificate.
    var asksForCertificate: Bool
    /// The name of the first server's certificate; empty for one that stands in the chain.
    var certificate: String

    init(_ chain: FilterChain) {
        let socket = chain.transportSocket
        let context: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext? = socket.typedConfig.unpacked()
        ends = chain.hasTransportSocket && socket.name != "envoy.transport_sockets.raw_buffer"
        asksForCertificate = context?.requireClientCertificate.value ?? false
        certificate = context?.commonTlsContext.tlsCertificateSdsSecretConfigs.first?.name ?? ""
    }

    /// Why a call fails here; nil if it does not.
    func error(for call: Call, policy: SimulationPolicy) -> SimulationError? {
        guard ends else { return nil }
        if call.security == .plaintext { return .tls }
        if policy.acceptsUnaskedCertificates {
            return asksForCertificate && call.security == .tls ? .mutualTLS : nil
        }
        let isMutual = asksForCertificate && certificate == call.meshCertificate
        return isMutual == (call.security == .mtls) ? nil : .mutualTLS
    }

    /// What happens, as a step tells it.
    func words(for call: Call, error: SimulationError?) -> String {
        let named = certificate.isEmpty ? "" : " with the certificate \(certificate)"
        switch error {
        case .tls: return "the chain ends TLS\(named), but the call is plaintext"
        case .mutualTLS where asksForCertificate:
            return "the chain asks for a client's certificate; there is none to it"
        case .mutualTLS: return "the chain does not ask for certificates, and the client wants mutual TLS"
        default:
            guard ends else { return call.security == .plaintext ? "plaintext" : "TLS passes through as it is" }
            return asksForCertificate
                ? "mutual TLS ends here\(named): clients must show a certificate" : "TLS ends here\(named)"
        }
    }
}
