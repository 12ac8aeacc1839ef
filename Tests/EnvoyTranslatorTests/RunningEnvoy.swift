import DiscoveryAPI
import Dispatch
import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import SwiftProtobuf

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An Envoy that has been given a proxy's resources as files, byte for byte what a stream would carry.
final class RunningEnvoy {
    private let process = Process()
    private let log = Pipe()
    private let folder: TestFolder

    struct Failure: Error, CustomStringConvertible { var description: String }

    /// Starts, and returns once all is loaded and served.
    ///
    /// - Parameters:
    ///   - folder: Where the resources' sources say their files are.
    ///   - application: Listeners of the workload itself.
    ///   - metadata: Of the node.
    init(
        _ resources: Resources, secrets: [Envoy_Extensions_TransportSockets_Tls_V3_Secret], in folder: TestFolder,
        application: [Envoy_Config_Listener_V3_Listener] = [], metadata: Google_Protobuf_Struct = [:]
    ) throws {
        self.folder = folder
        try folder.write(resources.clusters, to: "clusters.pb")
        try folder.write(resources.listeners, to: "listeners.pb")
        for one in resources.endpoints { try folder.write([one], to: ConfigSources.fileName(for: one.clusterName)) }
        for one in resources.routes { try folder.write([one], to: ConfigSources.fileName(for: one.name)) }
        for one in secrets { try folder.write([one], to: ConfigSources.fileName(for: one.name)) }
        let bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap = .with {
            $0.node.id = "sidecar~10.244.0.1~test.default~default.svc.cluster.local"
            $0.node.cluster = "test.default"
            $0.node.metadata = metadata
            $0.statsFlushInterval.nanos = 100_000_000
            $0.admin.address.socketAddress.address = "127.0.0.1"
            $0.admin.address.socketAddress.portValue = 0
            $0.staticResources.listeners = application
            $0.dynamicResources.cdsConfig.pathConfigSource.path = "\(folder.path)/clusters.pb"
            $0.dynamicResources.cdsConfig.resourceApiVersion = .v3
            $0.dynamicResources.ldsConfig.pathConfigSource.path = "\(folder.path)/listeners.pb"
            $0.dynamicResources.ldsConfig.resourceApiVersion = .v3
        }
        process.executableURL = URL(fileURLWithPath: EnvoyProgram.path ?? "")
        process.arguments = [
            "-c", try folder.write(bootstrap.stableBytes(), to: "bootstrap.pb"), "--use-dynamic-base-id",
            "--concurrency",
            "1", "--admin-address-path", "\(folder.path)/admin", "-l", "warning", "--component-log-level",
            "config:info,misc:error",
        ]
        // It says little, so that nobody has to read it.
        process.standardError = log
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try waitUntilServing()
    }

    private func waitUntilServing() throws {
        var output = ""
        let identifier = process.processIdentifier
        let deadline = DispatchWorkItem { kill(identifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: deadline)
        defer { deadline.cancel() }
        while !output.contains("starting workers") {
            let more = log.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw Failure(description: "Envoy ended, or did not serve within 120 s:\n\(output)")
            }
            output += String(decoding: more, as: UTF8.self)
        }
        while try statistics("workers_started").values.first != 1 {}
    }

    /// Statistics whose names have the filter in them.
    func statistics(_ filter: String) throws -> [String: Int] {
        let admin = try folder.text(of: "admin").split(separator: ":")
        let port = Int(admin.last.map(String.init) ?? "") ?? 0
        let answer = try exchange(
            with: "127.0.0.1", port: port,
            sending: "GET /stats?filter=\(filter) HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")
        var values: [String: Int] = [:]
        for line in answer.split(whereSeparator: \.isNewline) {
            let parts = line.components(separatedBy: ": ")
            if parts.count == 2, let value = Int(parts[1].trimmingCharacters(in: .whitespaces)) {
                values[parts[0]] = value
            }
        }
        return values
    }

    /// The page that Prometheus gets.
    func metrics() throws -> [UInt8] {
        let admin = try folder.text(of: "admin").split(separator: ":")
        let answer = try exchange(
            with: "127.0.0.1", port: Int(admin.last.map(String.init) ?? "") ?? 0,
            sending: "GET /stats/prometheus HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")
        guard var rest = answer.range(of: "\r\n\r\n").map({ answer[$0.upperBound...].utf8 }) else { return [] }
        guard answer.lowercased().contains("transfer-encoding: chunked") else { return Array(rest) }
        var page: [UInt8] = []
        while let end = rest.firstIndex(of: 13), let size = Int(String(rest[..<end]) ?? "", radix: 16), size > 0 {
            let start = rest.index(end, offsetBy: 2)
            guard let last = rest.index(start, offsetBy: size, limitedBy: rest.endIndex) else { break }
            page += rest[start..<last]
            rest = rest[last...].dropFirst(2)
        }
        return page
    }

    deinit { stop() }

    /// Ends it. A polite signal would not do: processes that tests start have those blocked.
    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        folder.remove()
    }
}

extension TestFolder {
    /// As the response that a stream would carry.
    fileprivate func write<Kind: Message>(_ resources: [Kind], to name: String) throws {
        let response: Envoy_Service_Discovery_V3_DiscoveryResponse = try .with {
            $0.versionInfo = "1"
            $0.typeURL = Kind.typeURL
            $0.resources = try resources.map { try .init(packing: $0) }
        }
        try write(response.stableBytes(), to: name)
    }
}
