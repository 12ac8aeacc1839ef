import MeshModel

/// By what proxies are told apart in a mesh as it is now, besides what each sees of it.
struct ProxyDistinctions: Hashable {
    /// Labels that endpoints should share with their caller.
    private let labelKeys: Set<String>
    /// Whether it matters where a caller is, and on which node.
    private let seesPlaces: Bool
    private let seesNodes: Bool
    /// Node metadata that is looked at.
    private let metadataKeys: Set<String>

    init(_ snapshot: MeshSnapshot, _ index: ServiceIndex) {
        labelKeys = snapshot.endpointLabelKeys
        seesPlaces =
            index.arePlacesSeen || snapshot.configuration.destinationRules.seesPlaces
            || !snapshot.settings.localityLoadBalancing.distribute.isEmpty
        seesNodes =
            index.isNodeSeen || snapshot.configuration.destinationRules.seesNodes
            || snapshot.settings.localityLoadBalancing.seesNodes
        metadataKeys = Set(snapshot.configuration.patchedMetadataKeys)
    }

    /// What of a proxy decides the order in which it prefers endpoints.
    func preference(of proxy: Proxy) -> EndpointPreference {
        var preference = EndpointPreference(proxy, labelKeys: labelKeys)
        if !seesPlaces { preference.locality = .unknown }
        if !seesNodes { preference.node = "" }
        return preference
    }
}
