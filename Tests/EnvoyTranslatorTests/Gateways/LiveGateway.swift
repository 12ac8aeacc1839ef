import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshModel
import SwiftProtobuf
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A real Envoy that is a gateway, and the applications behind it.
///
/// ```
///   plain      HTTP    a.example.com, b.example.com, secure.example.com (redirected)
///   https      HTTPS   a.example.com and b.example.com, each with its own certificate; m.example.com wants the client's
///   tls        TLS     p.example.com passes through, to an application that ends TLS itself
///   crossing   TLS     by name: outbound_.443_._.crossed.default.svc.cluster.local
/// ```
struct LiveGateway {
    enum Port: Int, CaseIterable { case plain, https, tls, crossing }

    let envoy: RunningEnvoy
    let folder: TestFolder
    let authority: TestAuthority
    private let ports: [Int]

    func port(_ port: Port) -> Int { ports[port.rawValue] }

    init() throws {
        let ports = try freePorts(8)
        self.ports = ports
        func gateway(_ port: Port) -> Int { ports[port.rawValue] }
        let simple = { (name: String) in "mode: SIMPLE, credentialName: \(name)" }
        let yaml =
            gatewayYAML(
                "edge", serverYAML(gateway(.plain), "HTTP", hosts: "a.example.com, b.example.com"),
                serverYAML(
                    gateway(.plain), "HTTP", hosts: "secure.example.com", tls: "httpsRedirect: true", name: "redirect"),
                serverYAML(gateway(.https), "HTTPS", hosts: "a.example.com", tls: simple("a")),
                serverYAML(gateway(.https), "HTTPS", hosts: "b.example.com", tls: simple("b"), name: "b"),
                serverYAML(
                    gateway(.https), "HTTPS", hosts: "m.example.com", tls: "mode: MUTUAL, credentialName: m", name: "m"),
                serverYAML(gateway(.tls), "TLS", hosts: "p.example.com", tls: "mode: PASSTHROUGH"),
                serverYAML(gateway(.crossing), "TLS", hosts: "'*.local'", tls: "mode: AUTO_PASSTHROUGH"))
            + ["a", "b", "m", "secure"].map { name in
                routesYAML(
                    name, hosts: "\(name).example.com", gateways: "istio-system/edge",
                    "http: [{\(toYAML("\(name == "b" ? "b" : "a").default.svc.cluster.local", 80))}]")
            }.joined()
            + routesYAML(
                "p", hosts: "p.example.com", gateways: "istio-system/edge",
                "tls: [{match: [{sniHosts: [p.example.com]}], \(toYAML("sealed.default.svc.cluster.local", 443))}]")
        var mesh = try Mesh(objects: yaml)
        for (name, port, kind, index) in [
            ("a", 80, MeshProtocol.http, 4), ("b", 80, .http, 5), ("sealed", 443, .tls, 6),
            ("crossed", 443, .tls, 6),
        ] {
            mesh.add(
                name, addresses: ["10.0.0.\(index)"],
                ports: [
                    ServicePort(name: name, number: port, meshProtocol: kind, target: .number(ports[index]))
                ], pods: ["127.0.0.1"], isMutualTLS: name == "crossed")
        }
        let authority = try TestAuthority()
        self.authority = authority
        let folder = try TestFolder()
        self.folder = folder
        let source = ConfigSources.Source.folder(folder.path)
        let resources = try mesh.resources(
            for: mesh.router(), settings: .init(sources: .init(resources: source, secrets: source, credentials: source))
        )
        try folder.write(Array(authority.server(["x"]).root.utf8), to: "authorities.pem")
        let sealed = try authority.server(["p.example.com"])
        envoy = try RunningEnvoy(
            resources,
            secrets: ["a", "b", "m"].map {
                .certificate("kubernetes://\($0)", try authority.server(["\($0).example.com"]))
            } + [.authorities("kubernetes://m-cacert", authority.server(["x"]).root)]
                + authority.secrets(for: ["spiffe://cluster.local/ns/istio-system/sa/gateway"]), in: folder,
            application: [
                .application("a", ports[4], try .answering()), .application("b", ports[5], try .answering()),
                try .application("sealed", ports[6], try .answering()).sealed(sealed),
            ])
    }

    var authorities: String { "\(folder.path)/authorities.pem" }

    /// A request over HTTPS, to the host by name.
    func https(_ host: String, _ arguments: String...) throws -> (status: Int32, output: String) {
        let port = port(host == "p.example.com" ? .tls : .https)
        let all = ["--resolve", "\(host):\(port):127.0.0.1", "--cacert", authorities] + arguments
        return try Programs.curl(all + ["https://\(host):\(port)/"])
    }

    /// A request in plain text.
    func plain(_ host: String) throws -> String {
        try exchange(
            with: "127.0.0.1", port: port(.plain),
            sending: "GET /path HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\r\n")
    }

    /// Puts another certificate in place of one, as an agent does: all at once.
    func rotate(_ name: String, to identity: TestAuthority.Identity) throws {
        let response: Envoy_Service_Discovery_V3_DiscoveryResponse = try .with {
            $0.versionInfo = "2"
            $0.typeURL = Envoy_Extensions_TransportSockets_Tls_V3_Secret.typeURL
            $0.resources = [try .init(packing: .certificate("kubernetes://\(name)", identity))]
        }
        let new = try folder.write(response.stableBytes(), to: "new.pb")
        let path = "\(folder.path)/\(ConfigSources.fileName(for: "kubernetes://\(name)"))"
        guard rename(new, path) == 0 else { throw SocketFailure(description: "cannot rename: errno \(errno)") }
    }
}

extension Message where Self == Envoy_Extensions_TransportSockets_Tls_V3_Secret {
    static func certificate(_ name: String, _ identity: TestAuthority.Identity) -> Self {
        .with {
            $0.name = name
            $0.tlsCertificate.certificateChain.inlineString = identity.certificate
            $0.tlsCertificate.privateKey.inlineString = identity.privateKey
        }
    }

    static func authorities(_ name: String, _ pem: String) -> Self {
        .with {
            $0.name = name
            $0.validationContext.trustedCa.inlineString = pem
        }
    }
}

extension Envoy_Config_Listener_V3_Listener {
    /// An application that ends TLS itself.
    fileprivate func sealed(_ identity: TestAuthority.Identity) throws -> Self {
        var copy = self
        let context: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext = .with {
            $0.commonTlsContext.tlsCertificates = [
                .with {
                    $0.certificateChain.inlineString = identity.certificate
                    $0.privateKey.inlineString = identity.privateKey
                }
            ]
            $0.commonTlsContext.alpnProtocols = ["istio-http/1.1", "http/1.1"]
        }
        copy.filterChains[0].transportSocket = try .with {
            $0.name = "tls"
            $0.typedConfig = try .init(packing: context)
        }
        return copy
    }
}
