import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension OutboundClusterInput {
    /// What telemetry, EnvoyFilters and people read: which service it is, and which rule says how it is treated.
    var metadata: Envoy_Config_Core_V3_Metadata {
        var metadata = Envoy_Config_Core_V3_Metadata.services([(host, serviceName, namespace)])
        var fields: [String: Google_Protobuf_Value] = ["default_original_port": .init(numberValue: Double(port))]
        if !rule.isEmpty { fields["config"] = .init(stringValue: rule) }
        if !subset.isEmpty { fields["subset"] = .init(stringValue: subset) }
        if isExternal { fields["external"] = .init(boolValue: true) }
        if case .client(let client) = security, client.tls.mode == .simple || client.tls.mode == .mutual {
            fields["alpn_override"] = "false"
        }
        metadata.filterMetadata["istio"]?.fields.merge(fields) { _, new in new }
        return metadata
    }
}

extension Envoy_Config_Core_V3_Metadata {
    /// A cluster that is of no service: what telemetry calls it.
    static func unknownService(_ name: String) -> Self {
        .init(
            "istio",
            [
                "services": .init(
                    listValue: .with { $0.values = [.init(structValue: ["name": .init(stringValue: name)])] })
            ])
    }

    /// Which services a cluster is of: what telemetry reads.
    static func services(_ services: [(host: String, name: String, namespace: String)]) -> Self {
        let list = services.map { service in
            Google_Protobuf_Value(
                structValue: Google_Protobuf_Struct(fields: [
                    "host": .init(stringValue: service.host), "name": .init(stringValue: service.name),
                    "namespace": .init(stringValue: service.namespace),
                ]))
        }
        return .init("istio", ["services": .init(listValue: .with { $0.values = list })])
    }
}

/// Names of clusters in statistics, as a pattern of the mesh's settings has them.
struct StatisticsPattern {
    var pattern: String

    /// - Parameter target: The port of the workload.
    /// - Returns: Empty without a pattern: the cluster's own name counts.
    func name(
        host: String, service: String, namespace: String, port: ServicePort, subset: String = "", target: Int? = nil
    ) -> String {
        guard !pattern.isEmpty else { return "" }
        let isOfCluster = host.hasPrefix("\(service).\(namespace).svc.")
        let targetPort: String
        switch (target, port.target) {
        case (let number?, _), (nil, .number(let number)): targetPort = "\(number)"
        case (nil, .name(let name)): targetPort = name
        }
        let values = [
            "%SERVICE%": isOfCluster ? "\(service).\(namespace)" : host, "%SERVICE_FQDN%": host,
            "%SERVICE_NAME%": service, "%SERVICE_PORT%": "\(port.number)", "%SERVICE_PORT_NAME%": port.name,
            "%TARGET_PORT%": targetPort, "%SUBSET_NAME%": subset,
        ]
        return values.reduce(pattern) { $0.replacing($1.key, with: $1.value) }
    }
}
