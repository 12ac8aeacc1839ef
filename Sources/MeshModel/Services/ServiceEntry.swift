/// Services that Kubernetes knows nothing of: hosts inside or outside of the mesh.
package struct ServiceEntry: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    /// In lower case, in the order they are written; each is a service.
    package var hosts: [String]
    package var addresses: [String]
    package var addressRanges: [AddressRange]
    package var ports: [ServicePort]
    package var isExternal: Bool
    package var resolution: MeshService.Resolution
    package var endpoints: [WorkloadEntry]
    /// Of Pods and WorkloadEntries of its namespace that are its endpoints; nil if it selects none.
    package var workloadSelector: [String: String]?
    package var visibility: Visibility
    package var subjectAltNames: [String]
    package var labels: [String: String]
    package var trafficDistribution: TrafficDistribution
    /// Virtual IPs that its status says it was given, by host.
    package var allocatedAddresses: [String: [String]]

    package init(
        origin: ConfigurationOrigin, hosts: [String], ports: [ServicePort] = [],
        resolution: MeshService.Resolution = .none
    ) {
        self.origin = origin
        self.hosts = hosts
        addresses = []
        addressRanges = []
        self.ports = ports
        isExternal = true
        self.resolution = resolution
        endpoints = []
        workloadSelector = nil
        visibility = .everywhere
        subjectAltNames = []
        labels = [:]
        trafficDistribution = .any
        allocatedAddresses = [:]
    }

    /// The service that one of its hosts is.
    package func service(_ host: String) -> MeshService {
        var service = MeshService(
            name: host, namespace: origin.namespace, hostname: host, addresses: addresses, resolution: resolution,
            ports: ports, origin: origin.reference)
        service.addressRanges = addressRanges
        service.allocatedAddresses = allocatedAddresses[host] ?? []
        service.isExternal = isExternal
        service.visibility = visibility
        service.subjectAltNames = subjectAltNames
        service.labels = labels
        service.selector = workloadSelector ?? [:]
        service.trafficDistribution = trafficDistribution
        service.created = origin.created
        return service
    }

    /// Whether proxies in different places may prefer different ones of its hosts, which they look up themselves.
    package var placesNames: Bool {
        guard resolution == .dns else { return false }
        return workloadSelector != nil
            || endpoints.contains { !$0.locality.isUnknown || !$0.labels.isEmpty || !$0.network.isEmpty }
    }

    /// Whether a workload with these labels is one of its endpoints.
    package func selects(_ labels: [String: String]) -> Bool {
        guard let workloadSelector, !workloadSelector.isEmpty else { return false }
        return workloadSelector.allSatisfy { labels[$0.key] == $0.value }
    }
}

/// A workload that an object describes: a WorkloadEntry, or an endpoint within a ServiceEntry.
package struct WorkloadEntry: Hashable, Sendable {
    /// Of the object; a number is added to a ServiceEntry's.
    package var name: String
    package var namespace: String
    /// An IP address, a host name, `unix://` and a path, or empty: its network's gateway is called.
    package var address: String
    /// The workload's port by the name of a service's.
    package var ports: [String: Int]
    package var labels: [String: String]
    package var network: String
    package var locality: Locality
    package var weight: Int
    /// Empty if it is not said.
    package var serviceAccount: String
    /// It passes its health checks, or has none.
    package var isHealthy: Bool
    package var clusterID: String

    package init(name: String, namespace: String, address: String) {
        self.name = name
        self.namespace = namespace
        self.address = address
        ports = [:]
        labels = [:]
        network = ""
        locality = .unknown
        weight = 1
        serviceAccount = ""
        isHealthy = true
        clusterID = ""
    }

    /// A label says so, or else that it has a ServiceAccount.
    package var isMutualTLS: Bool {
        labels["security.istio.io/tlsMode"].map { $0 == "istio" } ?? !serviceAccount.isEmpty
    }

    /// As an endpoint of a service's port.
    package func endpoint(port: Int) -> Endpoint {
        var endpoint = Endpoint(
            address: address, port: address.hasPrefix("unix://") ? 0 : port, health: isHealthy ? .ready : .unready,
            labels: labels)
        endpoint.locality = locality
        if !serviceAccount.isEmpty {
            endpoint.identity = WorkloadIdentity(namespace: namespace, serviceAccount: serviceAccount)
        }
        endpoint.isMutualTLS = isMutualTLS
        endpoint.weight = max(1, weight)
        endpoint.network = network
        endpoint.clusterID = clusterID
        endpoint.workloadName = name
        return endpoint
    }
}

/// What the WorkloadEntries of machines that register themselves have in common.
package struct WorkloadGroup: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    package var labels: [String: String]
    package var annotations: [String: String]
    /// Without name and address.
    package var template: WorkloadEntry
    /// Its machines are probed.
    package var hasProbe: Bool

    package init(
        origin: ConfigurationOrigin, labels: [String: String] = [:], annotations: [String: String] = [:],
        template: WorkloadEntry, hasProbe: Bool = false
    ) {
        self.origin = origin
        self.labels = labels
        self.annotations = annotations
        self.template = template
        self.hasProbe = hasProbe
    }
}
