import MeshModel

/// What decides resources besides the mesh and the proxy.
package struct TranslationSettings: Hashable, Sendable {
    package var sources: ConfigSources
    /// Whether clients of the proxy's workload have to use mutual TLS.
    package var inboundTLS: InboundTLS

    package init(sources: ConfigSources = .init(), inboundTLS: InboundTLS = .init()) {
        self.sources = sources
        self.inboundTLS = inboundTLS
    }
}

extension MeshSettings {
    func mutualTLS(_ sources: ConfigSources) -> MutualTLS {
        MutualTLS(
            trustDomains: [trustDomain] + trustDomainAliases, versions: meshTLS, secrets: sources.secrets)
    }

    /// Where calls go that no service takes.
    var fallbackCluster: String {
        outboundPolicy == .allowAny ? ClusterNames.passthrough : ClusterNames.blackHole
    }
}

extension MeshProtocol {
    /// Whether a proxy can carry it at all.
    var isCarried: Bool { self != .udp && self != .unsupported }
}
