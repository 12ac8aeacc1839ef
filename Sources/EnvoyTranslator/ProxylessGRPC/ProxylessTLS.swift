import EnvoyAPI
import SwiftProtobuf

/// Mutual TLS of the mesh as gRPC libraries are told of it: certificates come from what the bootstrap calls `default`,
/// files that the agent keeps up to date. They refuse every other setting of TLS, such as versions and ciphers.
enum ProxylessTLS {
    private static let provider = "default"

    /// The client's side.
    ///
    /// - Parameters:
    ///   - serverName: What is asked for; libraries that cannot ask ignore it.
    ///   - names: URIs of which the server's certificate must have one; any of the trust domains if there are none.
    static func client(
        serverName: String, names: [String], trustDomains: [String]
    ) throws -> Envoy_Config_Core_V3_TransportSocket {
        try .tls(
            Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext.with {
                $0.sni = serverName
                $0.commonTlsContext = common(
                    names.isEmpty
                        ? trustDomains.map { .prefix("spiffe://\($0)/") } : names.map { .exact($0) })
            })
    }

    /// The server's side: clients must show a certificate that ends at the mesh's roots. Servers cannot look at its names
    /// here; policies do.
    static func server() throws -> Envoy_Config_Core_V3_TransportSocket {
        try .tls(
            Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext.with {
                $0.commonTlsContext = common([])
                $0.requireClientCertificate = true
            })
    }

    private static func common(
        _ names: [Envoy_Type_Matcher_V3_StringMatcher]
    ) -> Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext {
        .with {
            $0.tlsCertificateProviderInstance.instanceName = provider
            $0.tlsCertificateProviderInstance.certificateName = MutualTLS.certificateName
            $0.validationContext.caCertificateProviderInstance.instanceName = provider
            $0.validationContext.caCertificateProviderInstance.certificateName = MutualTLS.rootName
            $0.validationContext.matchSubjectAltNames = names
        }
    }
}
