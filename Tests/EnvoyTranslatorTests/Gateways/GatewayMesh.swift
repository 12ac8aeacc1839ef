import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

extension Mesh {
    /// The mesh that objects in YAML make. An object that cannot be read, or says something wrong, fails the test.
    init(objects yaml: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: yaml) {
            let told = objects.add(UnstructuredObject(document))
            #expect(told == [], sourceLocation: sourceLocation)
        }
        let translation = MeshTranslation(objects)
        #expect(
            translation.diagnostics.values.flatMap(\.self).filter { $0.severity == .error } == [],
            sourceLocation: sourceLocation)
        self.init()
        snapshot = translation.snapshot
    }

    func router(
        labels: [String: String] = ["istio": "ingressgateway"], in namespace: String = "istio-system",
        at addresses: [String] = ["10.1.0.1"]
    ) -> Proxy {
        Proxy(kind: .router, name: "gateway-0", namespace: namespace, addresses: addresses, labels: labels)
    }
}

/// A Gateway on the workloads with label `istio: ingressgateway`.
func gatewayYAML(
    _ name: String, in namespace: String = "istio-system", created: String = "", _ servers: String...
) -> String {
    """
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: \(name), namespace: \(namespace), creationTimestamp: "\(created)"}
    spec: {selector: {istio: ingressgateway}, servers: [\(servers.joined(separator: ", "))]}

    """
}

func serverYAML(
    _ number: Int, _ meshProtocol: String, hosts: String = "'*'", tls: String = "", name: String = ""
) -> String {
    let name = name.isEmpty ? "\(meshProtocol.lowercased())-\(number)" : name
    return "{port: {number: \(number), name: \(name), protocol: \(meshProtocol)}, hosts: [\(hosts)]"
        + (tls.isEmpty ? "}" : ", tls: {\(tls)}}")
}

/// A VirtualService for gateways.
func routesYAML(
    _ name: String, in namespace: String = "default", hosts: String, gateways: String, _ rules: String
) -> String {
    """
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: \(name), namespace: \(namespace)}
    spec: {hosts: [\(hosts)], gateways: [\(gateways)], \(rules)}

    """
}

func toYAML(_ host: String, _ port: Int) -> String {
    "route: [{destination: {host: \(host), port: {number: \(port)}}}]"
}

extension Resources {
    /// In words: what listeners take, and where it goes.
    var summary: [String] {
        listeners.flatMap { listener -> [String] in
            let filters = listener.listenerFilters.map { $0.name.split(separator: ".").last.map(String.init) ?? "" }
            return ["\(listener.name)\(filters.isEmpty ? "" : " (\(filters.joined(separator: ", ")))")"]
                + listener.filterChains.map { "  \($0.gatewaySummary)" }
        }
            + routes.flatMap { configuration in
                [configuration.name]
                    + configuration.virtualHosts.flatMap { host in
                        [
                            "  \(host.name) \(host.domains.joined(separator: ","))\(host.requireTls == .all ? " https" : "")"
                        ]
                            + host.routes.map { "    \($0.gatewaySummary)" }
                    }
            }
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    fileprivate var gatewaySummary: String {
        var words: [String] = []
        let match = filterChainMatch
        if !match.serverNames.isEmpty { words.append(match.serverNames.joined(separator: ",")) }
        if !match.applicationProtocols.isEmpty {
            words.append("[\(match.applicationProtocols.joined(separator: ","))]")
        }
        if let tls = downstreamTLS {
            let common = tls.commonTlsContext
            words.append("tls(\(common.tlsCertificateSdsSecretConfigs.map(\.name).joined(separator: ",")))")
            let authorities = common.combinedValidationContext.validationContextSdsSecretConfig.name
            if !authorities.isEmpty {
                words.append("client(\(authorities)\(tls.requireClientCertificate.value ? "" : ", optional"))")
            }
        }
        words.append(connectionManager.map { "http \($0.rds.routeConfigName)" } ?? "tcp \(tcpCluster ?? "?")")
        return words.joined(separator: " ")
    }

    var downstreamTLS: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext? {
        hasTransportSocket ? try? .init(unpackingAny: transportSocket.typedConfig) : nil
    }
}

extension Envoy_Config_Route_V3_Route {
    fileprivate var gatewaySummary: String {
        let path =
            switch match.pathSpecifier {
            case .prefix(let prefix): "\(prefix)*"
            case .path(let path): path
            case .safeRegex(let expression): "~\(expression.regex)"
            default: "?"
            }
        return "\(path) -> \(route.cluster)"
    }
}
