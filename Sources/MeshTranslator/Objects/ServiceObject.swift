package import KubernetesModel

/// What is read of a Service.
package struct ServiceObject: KubernetesObject, Hashable {
    package struct Spec: Hashable, Sendable, Decodable {
        package var type: String?
        /// `None` for a headless Service; empty until one is given.
        package var clusterIP: String?
        package var clusterIPs: [String]?
        package var externalIPs: [String]?
        package var externalName: String?
        package var ports: [Port]?
        package var selector: [String: String]?
        package var sessionAffinity: String?
        package var sessionAffinityConfig: AffinityConfig?
        package var internalTrafficPolicy: String?
        package var trafficDistribution: String?
        package var publishNotReadyAddresses: Bool?

        package init() {}
    }

    package struct Port: Hashable, Sendable, Decodable {
        package var name: String?
        package var port: Int
        package var `protocol`: String?
        package var appProtocol: String?
        package var targetPort: IntOrString?
        package var nodePort: Int?
    }

    package struct AffinityConfig: Hashable, Sendable, Decodable {
        package struct ClientIP: Hashable, Sendable, Decodable {
            package var timeoutSeconds: Int64?
        }

        package var clientIP: ClientIP?
    }

    package struct Status: Hashable, Sendable, Decodable {
        package struct LoadBalancer: Hashable, Sendable, Decodable {
            package struct Ingress: Hashable, Sendable, Decodable {
                package var ip: String?
                package var hostname: String?
            }

            package var ingress: [Ingress]?
        }

        package var loadBalancer: LoadBalancer?
    }

    package var metadata: ObjectMeta
    package var spec: Spec?
    package var status: Status?
}
