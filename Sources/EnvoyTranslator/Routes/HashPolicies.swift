import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Route_V3_RouteAction.HashPolicy {
    init(_ policy: HashPolicy) {
        self.init()
        switch policy {
        case .header(let name): header.headerName = name
        case .sourceAddress: connectionProperties.sourceIp = true
        case .queryParameter(let name): queryParameter.name = name
        case .cookie(let cookie):
            self.cookie = .with {
                $0.name = cookie.name
                $0.path = cookie.path
                if let lifetime = cookie.lifetime { $0.ttl = .init(lifetime) }
                $0.attributes = cookie.attributes.map { attribute in
                    .with {
                        $0.name = attribute.name
                        $0.value = attribute.value
                    }
                }
            }
        }
    }
}
