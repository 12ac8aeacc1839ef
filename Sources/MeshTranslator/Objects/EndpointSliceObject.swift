package import KubernetesModel

/// What is read of an EndpointSlice, `discovery.k8s.io/v1` or `v1beta1`.
package struct EndpointSliceObject: KubernetesObject, Hashable {
    package struct Endpoint: Hashable, Sendable, Decodable {
        package struct Conditions: Hashable, Sendable, Decodable {
            package var ready: Bool?
            package var serving: Bool?
            package var terminating: Bool?
        }

        package var addresses: [String]?
        package var conditions: Conditions?
        package var hostname: String?
        package var targetRef: TargetReference?
        package var nodeName: String?
        package var zone: String?
        /// Of `v1beta1` alone: node and zone, under the names of their labels.
        package var topology: [String: String]?
    }

    package struct Port: Hashable, Sendable, Decodable {
        package var name: String?
        package var port: Int?
        package var `protocol`: String?
    }

    package var metadata: ObjectMeta
    /// `IPv4`, `IPv6` or `FQDN`.
    package var addressType: String?
    package var endpoints: [Endpoint]?
    package var ports: [Port]?

    /// The Service whose endpoints these are; nil if it names none.
    package var service: ObjectKey? {
        metadata.labels["kubernetes.io/service-name"].map { ObjectKey(namespace: metadata.namespace, name: $0) }
    }
}

/// The object behind an address.
package struct TargetReference: Hashable, Sendable, Decodable {
    package var kind: String?
    package var name: String?
    package var namespace: String?
}
