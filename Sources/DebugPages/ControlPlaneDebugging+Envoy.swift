import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import GRPCCore
import KubernetesModel
import SwiftProtobuf
import XDSServer

extension ControlPlaneDebugging {
    /// One ClientConfig a proxy: whether it has what it was sent, by type.
    func clientConfigurations() throws -> DiscoveryAnswer {
        let configurations = try (request { _ in nil }?.proxies() ?? []).map { proxy in
            let configuration = Envoy_Service_Status_V3_ClientConfig.with { configuration in
                configuration.node.id = proxy.name
                if let cluster = proxy.metadata["CLUSTER_ID"]?.string {
                    configuration.node.metadata.fields["CLUSTER_ID"] = .init(stringValue: cluster)
                }
                configuration.genericXdsConfigs = Self.shownTypes.map { type in
                    .with {
                        $0.typeURL = type.rawValue
                        $0.configStatus = Self.status(of: type, proxy)
                    }
                }
            }
            return Resource(name: proxy.node.id, body: try configuration.stableBytes())
        }
        return DiscoveryAnswer(
            configurations, of: TypeURL(rawValue: Envoy_Service_Status_V3_ClientConfig.typeURL))
    }

    /// What one proxy is to have, in the parts of an Envoy's own dump.
    ///
    /// - Parameter names: One proxy's, `POD.NAMESPACE` or its node id.
    func configurationDump(of names: [String]) async throws -> DiscoveryAnswer {
        guard names.count == 1, let name = names.first else {
            throw RPCError(
                code: .invalidArgument,
                message: "\(names.count) proxies are named: name one, as POD.NAMESPACE")
        }
        guard let request = request({ $0 == "proxyID" ? name : nil }) else {
            throw RPCError(code: .unavailable, message: "nothing to see yet: it still starts")
        }
        switch request.namedProxy() {
        case .failure:
            throw RPCError(
                code: .notFound, message: "no proxy \"\(name)\" is connected to this replica: ask the others")
        case .success(let proxy):
            guard let cache = await request.state.resources(ofProxy: proxy.node.id) else {
                throw RPCError(code: .unavailable, message: "nothing is made for \(proxy.name) yet: ask again")
            }
            return DiscoveryAnswer(try EnvoyDump.sections(cache))
        }
    }

    /// The types that people ask about, in the order that istioctl shows them.
    private static let shownTypes: [TypeURL] = [.listener, .route, .endpoint, .cluster, .extensionConfig]

    private static func status(of type: TypeURL, _ proxy: ProxyDescription) -> Envoy_Service_Status_V3_ConfigStatus {
        switch proxy.connection.status.types.first(where: { $0.typeURL == type })?.state {
        case .synced: .synced
        case .stale: .stale
        case .rejected: .error
        case .notSent, nil: .notSent
        }
    }
}
