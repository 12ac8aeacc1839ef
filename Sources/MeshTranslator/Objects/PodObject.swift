package import KubernetesModel

/// What is read of a Pod. Of its metadata only what is needed is kept: there may be very many.
package struct PodObject: KubernetesObject, Hashable {
    package struct Spec: Hashable, Sendable, Decodable {
        package var nodeName: String?
        package var serviceAccountName: String?
        package var hostNetwork: Bool?
        package var containers: [Container]?
        package var initContainers: [Container]?
    }

    package struct Container: Hashable, Sendable, Decodable {
        package struct Port: Hashable, Sendable, Decodable {
            package var name: String?
            package var containerPort: Int
        }

        package var ports: [Port]?
        package var restartPolicy: String?
    }

    package struct Status: Hashable, Sendable, Decodable {
        package struct Address: Hashable, Sendable, Decodable {
            package var ip: String?
        }

        package struct Condition: Hashable, Sendable, Decodable {
            package var type: String
            package var status: String
        }

        package var phase: String?
        package var podIP: String?
        package var podIPs: [Address]?
        package var conditions: [Condition]?
    }

    package var metadata: ObjectMeta
    package var spec: Spec?
    package var status: Status?

    private enum CodingKeys: String, CodingKey { case metadata, spec, status }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(ObjectMeta.self, forKey: .metadata)
        metadata.annotations = [:]
        metadata.finalizers = []
        spec = try fields.decodeIfPresent(Spec.self, forKey: .spec)
        status = try fields.decodeIfPresent(Status.self, forKey: .status)
    }
}
