import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf
import XDSServer

/// The node of tests.
let testNode = Envoy_Config_Core_V3_Node.with {
    $0.id = "sidecar~10.0.0.1~a.default~default.svc.cluster.local"
    $0.cluster = "a.default"
    $0.metadata.fields = ["ISTIO_VERSION": "1.29.0", "NAMESPACE": "default"]
    $0.locality.region = "here"
    $0.userAgentName = "test"
}

extension Envoy_Service_Discovery_V3_DeltaDiscoveryRequest {
    static func subscribe(_ type: TypeURL, _ names: [String] = [], node: Bool = true) -> Self {
        .with {
            if node { $0.node = testNode }
            $0.typeURL = type.rawValue
            $0.resourceNamesSubscribe = names
        }
    }

    static func accept(_ response: DeltaResponse) -> Self {
        .with {
            $0.typeURL = response.typeURL
            $0.responseNonce = response.nonce
        }
    }

    static func refuse(_ response: DeltaResponse, _ why: String) -> Self {
        var request = accept(response)
        request.errorDetail.code = 13
        request.errorDetail.message = why
        return request
    }
}

extension Envoy_Service_Discovery_V3_DiscoveryRequest {
    static func subscribe(_ type: TypeURL, _ names: [String] = [], node: Bool = true) -> Self {
        .with {
            if node { $0.node = testNode }
            $0.typeURL = type.rawValue
            $0.resourceNames = names
        }
    }

    static func accept(_ response: WholeResponse, _ names: [String] = []) -> Self {
        .with {
            $0.typeURL = response.typeURL
            $0.versionInfo = response.versionInfo
            $0.responseNonce = response.nonce
            $0.resourceNames = names
        }
    }

    static func refuse(_ response: WholeResponse, holding version: String, _ why: String) -> Self {
        var request = accept(response)
        request.versionInfo = version
        request.errorDetail.code = 13
        request.errorDetail.message = why
        return request
    }
}

/// A cluster that is nothing but its name and how many bytes of another name it carries.
func cluster(_ name: String, statName: String = "", bytes: Int = 0) throws -> Resource {
    let message = Envoy_Config_Cluster_V3_Cluster.with {
        $0.name = name
        $0.altStatName = statName + String(repeating: "x", count: bytes)
    }
    return Resource(name: name, body: try message.stableBytes())
}

/// A cache of clusters alone.
func clusters(_ resources: Resource...) -> ResourceCache {
    ResourceCache([.cluster: ResourceSnapshot(resources)])
}

extension Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
    var names: [String] { resources.map(\.name) }
}

extension Envoy_Service_Discovery_V3_DiscoveryResponse {
    /// The names of its clusters.
    var clusterNames: [String] {
        get throws { try resources.map { try Envoy_Config_Cluster_V3_Cluster(unpackingAny: $0).name } }
    }
}
