import KubernetesModel

extension MeshService {
    /// The one service that several definitions of a host in a namespace make: Kubernetes' leads, else the oldest; those
    /// that find their endpoints the same way add the ports and addresses that are not there yet.
    ///
    /// - Returns: Also which definitions count; nil without any.
    package static func merged(_ definitions: [MeshService]) -> (service: MeshService, parts: [MeshService])? {
        let sorted = definitions.sorted { left, right in
            if left.isOfKubernetes != right.isOfKubernetes { return left.isOfKubernetes }
            return (left.age, left.origin.key.name) < (right.age, right.origin.key.name)
        }
        guard var service = sorted.first else { return nil }
        var parts = [service]
        for other in sorted.dropFirst() where other.resolution == service.resolution {
            parts.append(other)
            // What Kubernetes says stands; endpoints alone are added to it.
            if service.isOfKubernetes { continue }
            service.ports += other.ports.filter { service.port(number: $0.number) == nil }
            service.addresses += other.addresses.filter { !service.addresses.contains($0) }
            service.addressRanges += other.addressRanges.filter { !service.addressRanges.contains($0) }
            service.subjectAltNames = Set(service.subjectAltNames + other.subjectAltNames).sorted()
            if service.allocatedAddresses.isEmpty { service.allocatedAddresses = other.allocatedAddresses }
        }
        return (service, parts)
    }

    private var age: String { created.isEmpty ? "~" : created }
}
