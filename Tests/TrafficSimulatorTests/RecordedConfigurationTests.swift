import EnvoyAPI
import Foundation
import SwiftProtobuf
import Testing
import TrafficSimulator

/// Configurations and answers recorded from Istio, that may lie beside the checkout.
private let recordings = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/conformance/simulation").standardizedFileURL

@Suite(
    "Calls through the listeners and routes that Istio makes",
    .enabled(
        if: FileManager.default.fileExists(atPath: recordings.appending(path: "observed.json").path),
        "skipped: there is no folder ../shared/conformance/simulation beside the package"))
struct RecordedConfigurationTests {
    fileprivate struct Scenario: Decodable {
        struct Named: Decodable { var call: RecordedCall }
        var name: String
        var calls: [Named]
    }

    fileprivate struct RecordedCall: Decodable {
        var address: String
        var port: Int
        var callMode: String
        var `protocol`: String
        var tls: String
        var sni: String?
        var alpn: String?
        var host: String?
        var path: String
        var mtlsSecret: String?
    }

    fileprivate struct Answer: Decodable, Equatable {
        var listener = ""
        var filterChain = ""
        var routeConfig = ""
        var virtualHost = ""
        var route = ""
        var cluster = ""
        var error: String?
    }

    @Test("Every call ends where it was seen to end, in all fields")
    func agreesWithRecordings() throws {
        KnownTypes.register()
        let decoder = JSONDecoder()
        let scenarios = try decoder.decode(
            [Scenario].self, from: Data(contentsOf: recordings.appending(path: "visible.json")))
        let answers = try decoder.decode(
            [String: [Answer]].self, from: Data(contentsOf: recordings.appending(path: "observed.json")))
        let configurations = try recordedConfigurations()
        var compared = 0
        for scenario in scenarios {
            let expected = try #require(answers[scenario.name])
            guard let configuration = configurations[scenario.name] else { continue }
            for (call, answer) in zip(scenario.calls, expected) {
                let result = simulation(of: Call(call.call), through: configuration, policy: .conformance)
                #expect(Answer(result) == answer, "\(scenario.name): \(call.call)")
                compared += 1
            }
        }
        #expect(compared == answers.values.reduce(0) { $0 + $1.count })
        #expect(compared > 100)
    }

    /// By the name of the scenario, whose hash names the file.
    private func recordedConfigurations() throws -> [String: ProxyConfiguration] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "recordings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            import hashlib, json, sys, tarfile
            source, folder = sys.argv[1:]
            with tarfile.open(f"{source}/envoy-1.30.3.tar.xz") as archive:
                files = {m.name.split("/")[-1]: archive.extractfile(m).read() for m in archive if m.isfile()}
            names = [s["name"] for s in json.load(open(f"{source}/visible.json"))]
            paths = {n: hashlib.sha1(n.encode()).hexdigest() + ".json" for n in names}
            found = {n: json.loads(files[k]) for n, k in paths.items() if k in files}
            json.dump(found, open(f"{folder}/all.json", "w"))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script, recordings.path, folder.path]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "all.json")))
        let byName = try #require(all as? [String: [String: [Any]]])
        return try byName.mapValues { resources in
            ProxyConfiguration(
                listeners: try decoded(resources["listeners"] ?? []), routes: try decoded(resources["routes"] ?? []))
        }
    }

    private func decoded<Resource: Message>(_ list: [Any]) throws -> [Resource] {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = true
        return try list.map {
            let text = String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
            return try Resource(jsonString: text, options: options)
        }
    }
}

extension Call {
    fileprivate init(_ recorded: RecordedConfigurationTests.RecordedCall) {
        self.init(
            address: recorded.address, port: recorded.port, capture: .init(rawValue: recorded.callMode) ?? .outbound)
        content = .init(rawValue: recorded.protocol) ?? .http
        security = .init(rawValue: recorded.tls) ?? .plaintext
        serverName = recorded.sni ?? ""
        applicationProtocols = [recorded.alpn ?? ""]
        host = recorded.host ?? ""
        path = recorded.path
        meshCertificate = recorded.mtlsSecret ?? "default"
    }
}

extension RecordedConfigurationTests.Answer {
    fileprivate init(_ result: Simulation) {
        self.init(
            listener: result.listener, filterChain: result.filterChain, routeConfig: result.routeConfiguration,
            virtualHost: result.virtualHost, route: result.route, cluster: result.cluster, error: result.error?.rawValue
        )
    }
}
