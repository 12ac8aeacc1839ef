import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides how connections are decrypted.
package struct ServerTLSInput: Hashable, Sendable {
    package var tls: ServerTLS
    /// Where `tls` says nothing.
    package var defaults: TLSVersions
    /// What connections of the mesh itself are secured with.
    package var mesh: MutualTLS
    package var sources: ConfigSources

    package init(_ tls: ServerTLS, mesh: MeshSettings, sources: ConfigSources) {
        self.tls = tls
        defaults = mesh.defaultTLS
        self.mesh = mesh.mutualTLS(sources)
        self.sources = sources
    }
}

typealias CommonTLSContext = Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext
typealias ValidationContext = Envoy_Extensions_TransportSockets_Tls_V3_CertificateValidationContext
typealias SecretConfig = Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig

extension ServerTLSInput {
    /// Decrypts connections.
    func socket() throws -> Envoy_Config_Core_V3_TransportSocket { try .tls(context(["h2", "http/1.1"])) }

    /// - Parameter protocols: What clients are offered.
    func context(_ protocols: [String]) -> Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext {
        .with {
            $0.commonTlsContext.alpnProtocols = protocols
            $0.commonTlsContext.tlsCertificateSdsSecretConfigs = certificates
            if let validation = validationSecret {
                $0.commonTlsContext.combinedValidationContext.defaultValidationContext = validationContext
                $0.commonTlsContext.combinedValidationContext.validationContextSdsSecretConfig = validation
            } else if tls.mode == .simple, !tls.subjectAltNames.isEmpty {
                $0.commonTlsContext.validationContext = validationContext
            }
            if let parameters { $0.commonTlsContext.tlsParams = parameters }
            $0.requireClientCertificate = .init(tls.mode.needsClientCertificate)
        }
    }

    private var certificates: [SecretConfig] {
        guard tls.mode.needsCertificate else { return [secret(MutualTLS.certificateName)] }
        switch tls.certificates {
        case .workload: return [secret(MutualTLS.certificateName)]
        case .credentials(let names): return names.map(credential)
        case .files(let files): return files.map { file("file-cert:\($0.certificate)~\($0.key)") }
        }
    }

    /// Where the authorities come from; nil if clients are not asked for a certificate.
    private var validationSecret: SecretConfig? {
        guard tls.mode.checksClients else { return tls.mode == .istioMutual ? secret(MutualTLS.rootName) : nil }
        if let name = tls.authorityCredentialName { return credential(name) }
        return tls.authorityFile.isEmpty ? secret(MutualTLS.rootName) : file("file-root:\(tls.authorityFile)")
    }

    private var validationContext: ValidationContext {
        .with {
            $0.matchTypedSubjectAltNames =
                tls.mode == .istioMutual && tls.subjectAltNames.isEmpty
                ? mesh.trustDomains.map { .init(.uri, .prefix("spiffe://\($0)/")) }
                : tls.subjectAltNames.map { .init(exactly: $0) }
            $0.verifyCertificateSpki = tls.publicKeyHashes
            $0.verifyCertificateHash = tls.certificateHashes
            if !tls.revocationFile.isEmpty { $0.crl.filename = tls.revocationFile }
            if tls.trustsAnyClient { $0.trustChainVerification = .acceptUntrusted }
        }
    }

    private func secret(_ name: String) -> SecretConfig { secret(name, sources.secrets) }

    private func file(_ name: String) -> SecretConfig { secret(name, sources.files) }

    private func secret(_ name: String, _ source: ConfigSources.Source) -> SecretConfig {
        .with {
            $0.name = name
            $0.sdsConfig = source.message(for: name)
        }
    }

    private func credential(_ name: String) -> SecretConfig {
        let (resource, source) = sources.credential(name)
        return .with {
            $0.name = resource
            $0.sdsConfig = source.message(for: resource)
            // Until the default time: a Secret that is not there must not hold back the other listeners for ever.
            $0.sdsConfig.clearInitialFetchTimeout()
        }
    }

    /// Nil leaves all to the proxy.
    private var parameters: Envoy_Extensions_TransportSockets_Tls_V3_TlsParameters? {
        let (minimum, maximum) = (tls.minimumVersion ?? defaults.minimumVersion, tls.maximumVersion)
        let ciphers = tls.cipherSuites.isEmpty ? defaults.cipherSuites : tls.cipherSuites
        let curves = tls.curves.isEmpty ? defaults.curves : tls.curves
        let isSilent = minimum == nil && maximum == nil && ciphers.isEmpty && curves.isEmpty
        guard !isSilent || defaults.compliance != nil else { return nil }
        return .with {
            $0.tlsMinimumProtocolVersion = minimum.flatMap { .init(word: $0) } ?? .tlsAuto
            $0.tlsMaximumProtocolVersion = maximum.flatMap { .init(word: $0) } ?? .tlsAuto
            $0.cipherSuites = ciphers
            $0.ecdhCurves = curves
            $0.comply(with: defaults.compliance)
        }
    }
}

extension Envoy_Extensions_TransportSockets_Tls_V3_TlsParameters.TlsProtocol {
    fileprivate init?(word: String) {
        switch word {
        case "TLSV1_0": self = .tlsv10
        case "TLSV1_1": self = .tlsv11
        case "TLSV1_2": self = .tlsv12
        case "TLSV1_3": self = .tlsv13
        default: return nil
        }
    }
}

extension Envoy_Extensions_TransportSockets_Tls_V3_SubjectAltNameMatcher {
    fileprivate init(_ type: SanType, _ matcher: Envoy_Type_Matcher_V3_StringMatcher) {
        self.init()
        sanType = type
        self.matcher = matcher
    }

    /// A name of the kind that it looks like.
    fileprivate init(exactly name: String) {
        if name.contains("://") {
            self.init(.uri, .exact(name))
        } else if name.contains("@") {
            self.init(.email, .exact(name))
        } else if name.contains(":") || name.split(separator: ".").allSatisfy({ UInt8($0) != nil }) {
            self.init(.ipAddress, .exact(name))
        } else {
            self.init(.dns, .exact(name))
        }
    }
}
