import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// How two proxies of a mesh secure what is between them.
package struct MutualTLS: Hashable, Sendable {
    /// The own trust domain and its other names.
    package var trustDomains: [String]
    package var versions: TLSVersions
    package var secrets: ConfigSources.Source

    package init(
        trustDomains: [String] = ["cluster.local"], versions: TLSVersions = .init(), secrets: ConfigSources.Source
    ) {
        self.trustDomains = trustDomains
        self.versions = versions
        self.secrets = secrets
    }

    /// The certificate that proves who the workload is.
    static let certificateName = "default"
    /// The roots that certificates of the mesh end at.
    static let rootName = "ROOTCA"

    /// The client's side.
    ///
    /// - Parameters:
    ///   - names: URIs of which the server's certificate must have one; any of the trust domains if there are none.
    ///   - protocols: What is offered as ALPN.
    func upstreamSocket(
        serverName: String, names: [String], protocols: [String]
    ) throws -> Envoy_Config_Core_V3_TransportSocket {
        let context: Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext = .with {
            $0.commonTlsContext = common(
                names: names.isEmpty ? anyIdentity : names.map { .uri(.exact($0)) }, protocols: protocols)
            // Unless they are told, clients stop at TLS 1.2.
            $0.commonTlsContext.tlsParams = parameters(ciphers: [])
            $0.sni = serverName
        }
        return try .tls(context)
    }

    /// The server's side: clients must show a certificate of the trust domains.
    func downstreamSocket() throws -> Envoy_Config_Core_V3_TransportSocket {
        let context: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext = .with {
            $0.commonTlsContext = common(names: anyIdentity, protocols: ["h2", "http/1.1"])
            $0.commonTlsContext.tlsParams = parameters(ciphers: Self.serverCiphers)
            $0.requireClientCertificate = true
        }
        return try .tls(context)
    }

    private func common(
        names: [Envoy_Extensions_TransportSockets_Tls_V3_SubjectAltNameMatcher], protocols: [String]
    ) -> Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext {
        .with {
            $0.tlsCertificateSdsSecretConfigs = [secret(Self.certificateName)]
            $0.combinedValidationContext = .with {
                $0.defaultValidationContext.matchTypedSubjectAltNames = names
                $0.validationContextSdsSecretConfig = secret(Self.rootName)
            }
            $0.alpnProtocols = protocols
        }
    }

    private var anyIdentity: [Envoy_Extensions_TransportSockets_Tls_V3_SubjectAltNameMatcher] {
        trustDomains.map { .uri(.prefix("spiffe://\($0)/")) }
    }

    private func secret(_ name: String) -> Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig {
        .with {
            $0.name = name
            $0.sdsConfig = secrets.message(for: name)
        }
    }

    private func parameters(ciphers: [String]) -> Envoy_Extensions_TransportSockets_Tls_V3_TlsParameters {
        .with {
            $0.tlsMinimumProtocolVersion = versions.minimumVersion == "TLSV1_3" ? .tlsv13 : .tlsv12
            $0.tlsMaximumProtocolVersion = .tlsv13
            $0.cipherSuites = versions.cipherSuites.isEmpty ? ciphers : versions.cipherSuites
            $0.ecdhCurves = versions.curves
            $0.comply(with: versions.compliance)
        }
    }

    /// What servers take where nothing else is said.
    private static let serverCiphers = [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-GCM-SHA256",
    ]
}

extension Envoy_Config_Core_V3_TransportSocket {
    static func tls(_ context: some Message) throws -> Self {
        try .with {
            $0.name = "envoy.transport_sockets.tls"
            $0.typedConfig = try .init(packing: context)
        }
    }

    static func rawBuffer() throws -> Self {
        try .with {
            $0.name = "envoy.transport_sockets.raw_buffer"
            $0.typedConfig = try .init(packing: Envoy_Extensions_TransportSockets_RawBuffer_V3_RawBuffer())
        }
    }
}

extension Envoy_Extensions_TransportSockets_Tls_V3_SubjectAltNameMatcher {
    fileprivate static func uri(_ matcher: Envoy_Type_Matcher_V3_StringMatcher) -> Self {
        .with {
            $0.sanType = .uri
            $0.matcher = matcher
        }
    }
}
