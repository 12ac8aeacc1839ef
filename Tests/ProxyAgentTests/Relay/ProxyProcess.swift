import EnvoyAPI
import EnvoyTesting
import Foundation
import SwiftProtobuf
import Synchronization

/// A real Envoy that gets configuration and secrets from the sockets of an agent.
final class ProxyProcess: Sendable {
    private let folder: TestFolder
    private let identifier: Int32
    private let hasEnded = Atomic(false)

    /// - Parameters:
    ///   - xds: The relay's socket.
    ///   - sds: The socket for secrets.
    init(_ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, xds: String, sds: String) throws {
        folder = try TestFolder()
        let bootstrap = try folder.write(
            Self.bootstrap(kind, xds: xds, sds: sds).stableBytes(), to: "bootstrap.pb")
        let log = try folder.write([], to: "log")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: EnvoyProgram.path ?? "")
        process.arguments = [
            "-c", bootstrap, "--use-dynamic-base-id", "--concurrency", "1", "--admin-address-path",
            "\(folder.path)/admin", "-l", "info", "--drain-time-s", "1",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try process.run()
        identifier = process.processIdentifier
    }

    /// Ends it, for sure, and once: its number may be another's afterwards.
    func end() {
        guard hasEnded.exchange(true, ordering: .relaxed) == false else { return }
        kill(identifier, SIGKILL)
        folder.remove()
    }

    var log: String { (try? folder.text(of: "log")) ?? "" }

    /// Answers of its admin port; nil while there is none.
    func admin(_ path: String) -> String? {
        guard let address = try? folder.text(of: "admin"), !address.isEmpty else { return nil }
        guard let answer = try? Programs.curl(["http://\(address)\(path)"]), answer.status == 0 else { return nil }
        return answer.output
    }

    /// The port that a listener got; nil while it has none.
    func port(of listener: String) -> Int? {
        let line = admin("/listeners")?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(listener)::") }
        return line?.split(separator: ":").last.flatMap { Int($0) }
    }

    /// A number of its statistics.
    func statistic(_ name: String) -> Int? {
        let line = admin("/stats?filter=^\(name)$")?.split(whereSeparator: \.isNewline).last
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    private static func bootstrap(
        _ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, xds: String, sds: String
    ) throws -> Envoy_Config_Bootstrap_V3_Bootstrap {
        try .with {
            $0.node.id = "sidecar~10.0.0.1~web.default~default.svc.cluster.local"
            $0.node.cluster = "web.default"
            $0.admin.address.socketAddress.address = "127.0.0.1"
            $0.admin.address.socketAddress.portValue = 0
            $0.staticResources.clusters = [try .socket("xds-grpc", xds), try .socket("sds-grpc", sds)]
            $0.dynamicResources.adsConfig.apiType = kind
            $0.dynamicResources.adsConfig.transportApiVersion = .v3
            $0.dynamicResources.adsConfig.setNodeOnFirstMessageOnly = true
            $0.dynamicResources.adsConfig.grpcServices = [.with { $0.envoyGrpc.clusterName = "xds-grpc" }]
            $0.dynamicResources.cdsConfig.ads = .init()
            $0.dynamicResources.cdsConfig.resourceApiVersion = .v3
            $0.dynamicResources.ldsConfig.ads = .init()
            $0.dynamicResources.ldsConfig.resourceApiVersion = .v3
        }
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    /// HTTP/2 on a Unix socket.
    static func socket(_ name: String, _ path: String) throws -> Self {
        try .with {
            $0.name = name
            $0.type = .static
            $0.loadAssignment = .socket(name, path)
            let options = Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions.with {
                $0.explicitHTTPConfig.http2ProtocolOptions = .init()
            }
            $0.typedExtensionProtocolOptions = [
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": try .init(packing: options)
            ]
        }
    }
}

extension Envoy_Config_Endpoint_V3_ClusterLoadAssignment {
    static func socket(_ cluster: String, _ path: String) -> Self {
        .with {
            $0.clusterName = cluster
            $0.endpoints = [.with { $0.lbEndpoints = [.with { $0.endpoint.address.pipe.path = path }] }]
        }
    }
}
