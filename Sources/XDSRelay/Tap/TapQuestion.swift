import DiscoveryAPI
import EnvoyAPI
import FoundationEssentials
import KubernetesModel
import Observability
import SwiftProtobuf
import XDSServer

/// What is asked of a control plane about itself.
struct TapQuestion: Hashable, Sendable {
    var typeURL: String
    var names: [String]

    init(typeURL: String, names: [String]) {
        self.typeURL = typeURL
        self.names = names
    }

    /// `/debug/syncz`, and `/debug/config_dump?resourceName=POD.NAMESPACE`, are asked as types of their own; all other
    /// pages by their names, with what follows `?`, which `/debug?resourceName=PAGE` names, too.
    init(_ request: HTTPRequestView) {
        let named = request.queryValue("resourceName").map { [$0] } ?? []
        let typed = TypeURL(rawValue: "istio.io\(request.path)")
        switch typed {
        case .debug, .debugSync: self.init(typeURL: typed.rawValue, names: named)
        case .debugConfigDump where !named.isEmpty: self.init(typeURL: typed.rawValue, names: named)
        default:
            let page = request.path.dropFirst("/debug/".count)
            self.init(
                typeURL: TypeURL.debug.rawValue,
                names: [request.query.isEmpty ? String(page) : "\(page)?\(request.query)"])
        }
    }

    /// Whether a type is one of those that are asked about.
    static func isAnswered(_ typeURL: String) -> Bool {
        typeURL == TypeURL.debug.rawValue || typeURL.hasPrefix("\(TypeURL.debug.rawValue)/")
    }
}

extension Envoy_Service_Discovery_V3_DiscoveryResponse {
    /// As JSON, under protobuf's names; pages of text or JSON in clear.
    var shown: JSONValue {
        var shown: JSONValue = ["typeUrl": .string(typeURL), "resources": .array(resources.map(\.shown))]
        if !versionInfo.isEmpty { shown["versionInfo"] = .string(versionInfo) }
        if !nonce.isEmpty { shown["nonce"] = .string(nonce) }
        return shown
    }
}

extension Google_Protobuf_Any {
    fileprivate var shown: JSONValue {
        _ = Self.areKnown
        if !typeURL.hasPrefix(TypeURL.debug.rawValue), let json = try? jsonString(),
            let value = try? JSONValue(parsing: json)
        {
            return value
        }
        if let json = try? JSONValue(parsing: Array(value)) { return ["@type": .string(typeURL), "value": json] }
        let text = String(validating: value, as: UTF8.self) ?? value.base64EncodedString()
        return ["@type": .string(typeURL), "value": .string(text)]
    }

    private static let areKnown: Bool = {
        let dumps: [any Message.Type] = [
            Envoy_Service_Status_V3_ClientConfig.self, Envoy_Admin_V3_BootstrapConfigDump.self,
            Envoy_Admin_V3_ClustersConfigDump.self, Envoy_Admin_V3_ListenersConfigDump.self,
            Envoy_Admin_V3_RoutesConfigDump.self, Envoy_Admin_V3_EndpointsConfigDump.self,
            Envoy_Admin_V3_EcdsConfigDump.self, Envoy_Admin_V3_SecretsConfigDump.self,
        ]
        KnownTypes.register()
        return dumps.allSatisfy { Google_Protobuf_Any.register(messageType: $0) }
    }()
}
