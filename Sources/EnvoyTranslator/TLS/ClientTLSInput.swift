import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// TLS that a user asks for: a server, or both sides, with certificates of their own.
package struct ClientTLSInput: Hashable, Sendable {
    package var tls: ClientTLS
    /// Where `tls` says nothing.
    package var defaults: TLSVersions
    package var sources: ConfigSources

    package init(_ tls: ClientTLS, defaults: TLSVersions, sources: ConfigSources) {
        self.tls = tls
        self.defaults = defaults
        self.sources = sources
    }
}

extension ClientTLSInput {
    /// Encrypts connections.
    ///
    /// - Parameters:
    ///   - names: Of which the server's certificate must have one; any will do if there are none.
    ///   - isHTTP2: All that is spoken is HTTP/2, which servers want to be told.
    func socket(names: [String], isHTTP2: Bool) throws -> Envoy_Config_Core_V3_TransportSocket {
        let context: Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext = .with {
            $0.sni = tls.serverName
            $0.commonTlsContext = .with {
                if let certificate { $0.tlsCertificateSdsSecretConfigs = [certificate] }
                if tls.skipsVerification {
                    $0.validationContext = .init()
                } else {
                    $0.combinedValidationContext.validationContextSdsSecretConfig = authorities
                    $0.combinedValidationContext.defaultValidationContext = .with {
                        $0.matchTypedSubjectAltNames = names.map { .named($0) }
                        if !tls.revocationFile.isEmpty { $0.crl.filename = tls.revocationFile }
                    }
                }
                if isHTTP2 { $0.alpnProtocols = ["h2"] }
                $0.tlsParams.tlsMinimumProtocolVersion = defaults.minimumVersion == "TLSV1_3" ? .tlsv13 : .tlsv12
                // Unless they are told, clients stop at TLS 1.2.
                $0.tlsParams.tlsMaximumProtocolVersion = .tlsv13
                $0.tlsParams.cipherSuites = defaults.cipherSuites
                $0.tlsParams.ecdhCurves = defaults.curves
                $0.tlsParams.comply(with: defaults.compliance)
            }
        }
        return try .tls(context)
    }

    /// What proves who the client is; nil if nothing does.
    private var certificate: Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig? {
        guard tls.mode == .mutual else { return nil }
        return tls.credentialName.isEmpty
            ? secret("file-cert:\(tls.certificateFile)~\(tls.keyFile)", sources.files)
            : credential(tls.credentialName)
    }

    private var authorities: Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig {
        if !tls.credentialName.isEmpty { return credential("\(tls.credentialName)-cacert") }
        return secret("file-root:\(tls.authoritiesFile.isEmpty ? "system" : tls.authoritiesFile)", sources.files)
    }

    private func credential(_ name: String) -> Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig {
        let (resource, source) = sources.credential(name)
        return secret(resource, source)
    }

    private func secret(
        _ name: String, _ source: ConfigSources.Source
    ) -> Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig {
        .with {
            $0.name = name
            $0.sdsConfig = source.message(for: name)
        }
    }
}

extension Envoy_Extensions_TransportSockets_Tls_V3_SubjectAltNameMatcher {
    /// A name of a certificate, of the kind that it looks like.
    static func named(_ name: String) -> Self {
        let isAddress = name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
        return .with {
            $0.sanType = name.contains("://") ? .uri : isAddress ? .ipAddress : .dns
            $0.matcher = .exact(name)
        }
    }
}
