import AsyncHTTPClient
import EnvoyAPI
import EnvoyTesting
import Foundation
import NIOCore
import NIOHTTP1
import SwiftProtobuf
import Synchronization
import Testing

/// A real Envoy that gets everything from a server by ADS.
final class EnvoyProcess: Sendable {
    private let folder: TestFolder
    private let identifier: Int32
    private let hasEnded = Atomic(false)

    /// Starts one whose ADS server listens on this port.
    init(_ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, port: Int) throws {
        folder = try TestFolder()
        let bootstrap = try folder.write(Self.bootstrap(kind, port: port).stableBytes(), to: "bootstrap.pb")
        let log = try folder.write([], to: "log")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: EnvoyProgram.path ?? "")
        process.arguments = [
            "-c", bootstrap, "--use-dynamic-base-id", "--concurrency", "1", "--admin-address-path",
            "\(folder.path)/admin", "-l", "info",
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

    /// Takes its processor away, as a host that hangs would.
    func pause() { kill(identifier, SIGSTOP) }

    /// Lets it go on.
    func resume() { kill(identifier, SIGCONT) }

    /// What it wrote.
    var log: String { (try? folder.text(of: "log")) ?? "" }

    /// Answers of its admin port; nil while there is none.
    func admin(_ path: String) async throws -> String? {
        guard let address = try? folder.text(of: "admin"), !address.isEmpty else {
            return nil
        }
        return try? await get("http://\(address)\(path)").body
    }

    /// The port that a listener got; nil while it has none.
    func port(of listener: String) async throws -> Int? {
        let line = try await admin("/listeners")?.split(separator: "\n").first { $0.hasPrefix("\(listener)::") }
        return line?.split(separator: ":").last.flatMap { Int($0) }
    }

    /// A number of its statistics.
    func statistic(_ name: String) async throws -> Int? {
        let line = try await admin("/stats?filter=^\(name)$")?.split(separator: "\n").first
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    private static func bootstrap(
        _ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, port: Int
    ) throws -> Envoy_Config_Bootstrap_V3_Bootstrap {
        try .with {
            $0.node = testNode
            // It says itself what it is.
            $0.node.userAgentName = ""
            $0.admin.address.socketAddress.address = "127.0.0.1"
            $0.admin.address.socketAddress.portValue = 0
            $0.staticResources.clusters = [try .discovery(port: port)]
            $0.dynamicResources.adsConfig.apiType = kind
            $0.dynamicResources.adsConfig.transportApiVersion = .v3
            $0.dynamicResources.adsConfig.setNodeOnFirstMessageOnly = true
            $0.dynamicResources.adsConfig.grpcServices = [.with { $0.envoyGrpc.clusterName = "ads" }]
            $0.dynamicResources.cdsConfig.ads = .init()
            $0.dynamicResources.cdsConfig.resourceApiVersion = .v3
            $0.dynamicResources.ldsConfig.ads = .init()
            $0.dynamicResources.ldsConfig.resourceApiVersion = .v3
        }
    }
}

/// A request of a test, over a connection of its own.
func get(_ url: String) async throws -> (status: UInt, body: String) {
    var request = HTTPClientRequest(url: url)
    request.headers.add(name: "connection", value: "close")
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
    let body = try await response.body.collect(upTo: 4 << 20)
    return (response.status.code, String(buffer: body))
}

extension Envoy_Config_Cluster_V3_Cluster {
    fileprivate static func discovery(port: Int) throws -> Self {
        try .with {
            $0.name = "ads"
            $0.type = .static
            $0.loadAssignment = .one("ads", port: port)
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
    /// One endpoint on the loopback.
    static func one(_ cluster: String, port: Int) -> Self {
        .with {
            $0.clusterName = cluster
            $0.endpoints = [
                .with {
                    $0.lbEndpoints = [
                        .with {
                            $0.endpoint.address.socketAddress.address = "127.0.0.1"
                            $0.endpoint.address.socketAddress.portValue = UInt32(port)
                        }
                    ]
                }
            ]
        }
    }
}
