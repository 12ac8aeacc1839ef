extension EndpointPreference {
    /// Of a proxy, what makes a difference in a mesh as it is configured: proxies that differ in nothing else share their
    /// endpoints.
    package init(_ proxy: Proxy, in snapshot: MeshSnapshot) {
        self.init(proxy, labelKeys: snapshot.endpointLabelKeys)
        if !snapshot.seesPlaces { locality = .unknown }
    }
}

extension MeshSnapshot {
    /// Whether any hosts that proxies look up themselves are preferred by where they are. Conservative: it may say so of a
    /// mesh where they are not.
    ///
    /// - Complexity: Linear in the number of ServiceEntries.
    package var placesNames: Bool {
        let isAsked =
            configuration.destinationRules.seesPlaces || !settings.localityLoadBalancing.distribute.isEmpty
        return configuration.serviceEntries.values.contains {
            (isAsked || $0.trafficDistribution != .any) && $0.placesNames
        }
    }

    /// Labels that endpoints should share with their caller, by any configuration.
    package var endpointLabelKeys: Set<String> {
        configuration.destinationRules.endpointLabelKeys.union(settings.localityLoadBalancing.priorityLabelKeys)
    }

    /// Whether it matters anywhere where a caller is. Conservative: it may say so of a mesh where it does not.
    ///
    /// - Complexity: Linear in the number of services where nothing else says so.
    package var seesPlaces: Bool {
        configuration.destinationRules.seesPlaces || !settings.localityLoadBalancing.distribute.isEmpty
            || services.values.contains { $0.trafficDistribution != .any }
    }
}
