package import KubernetesModel

/// What is read of an Endpoints: it counts for a Service that has no EndpointSlice.
package struct EndpointsObject: KubernetesObject, Hashable {
    package struct Subset: Hashable, Sendable, Decodable {
        package var addresses: [Address]?
        package var notReadyAddresses: [Address]?
        package var ports: [Port]?
    }

    package struct Address: Hashable, Sendable, Decodable {
        package var ip: String
        package var hostname: String?
        package var nodeName: String?
        package var targetRef: TargetReference?
    }

    package struct Port: Hashable, Sendable, Decodable {
        package var name: String?
        package var port: Int
        package var `protocol`: String?
    }

    package var metadata: ObjectMeta
    package var subsets: [Subset]?
}
