import MeshModel

/// What decides resources besides the mesh and the proxy.
package struct TranslationSettings: Hashable, Sendable {
    package var sources: ConfigSources
    /// Filter chains of gateways stay even where no connection could choose between them. A proxy refuses those: it is for
    /// looking at what there would be.
    package var keepsAmbiguousChains = false

    package init(sources: ConfigSources = .init()) { self.sources = sources }
}

extension MeshSettings {
    func mutualTLS(_ sources: ConfigSources) -> MutualTLS {
        MutualTLS(
            trustDomains: [trustDomain] + trustDomainAliases, versions: meshTLS, secrets: sources.secrets)
    }
}

extension MeshProtocol {
    /// Whether a proxy can carry it at all.
    var isCarried: Bool { self != .udp && self != .unsupported }
}
