import EnvoyBootstrap
import EnvoyTesting
import Foundation
import KubernetesModel
import Testing

@testable import ProxyAgent

/// Bootstraps that people bring, with the real agent and a real Envoy.
@Suite(.enabled(if: AgentProgram.isUsable, "\(AgentProgram.absence)"), .serialized) struct OwnBootstrapProcessTests {
    private static let template = """
        node: {id: "{{ .nodeID }}", cluster: "{{ .cluster }}", metadata: {{ .meta_json_str }} }
        admin: {address: {socket_address: {address: "{{ .localhost }}", port_value: {{ .config.ProxyAdminPort }} } } }
        stats_flush_interval: 76s
        dynamic_resources:
          lds_config: {ads: {}, resource_api_version: V3}
          cds_config: {ads: {}, resource_api_version: V3}
          ads_config:
            api_type: {{ .xds_type }}
            transport_api_version: V3
            grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
        static_resources:
          clusters:
          - name: xds-grpc
            type: STATIC
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: {http2_protocol_options: {}}
            load_assignment:
              cluster_name: xds-grpc
              endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: "{{ .config.ConfigPath }}/XDS"}}}}]}]

        """

    static let ways: [(settings: [String: String], environment: [String: String])] = [
        (["customConfigFile": "\"./own/bootstrap.yaml\""], [:]),
        ([:], ["ISTIO_BOOTSTRAP": "./own/bootstrap.yaml"]),
        (["proxyBootstrapTemplatePath": "\"./own/bootstrap.yaml\""], [:]),
    ]

    @Test(arguments: ways)
    func aTemplateServes(_ settings: [String: String], _ environment: [String: String]) async throws {
        let listener = try await freePort()
        try await withControlPlane(listener: listener) { port in
            let agent = try await AgentProcess(
                controlPlane: port, settings: settings, environment: environment,
                files: ["own/bootstrap.yaml": Self.template])
            defer { agent.end() }
            do {
                try await until("the proxy is ready") {
                    (try? await agent.ask("/healthz/ready"))?.status == 200
                }
                #expect(try await request(port: listener, "/").body == "here")
                let dump = try await agent.ask("/config_dump?mask=bootstrap", port: agent.adminPort).body
                #expect(dump.contains("\"76s\""))
                #expect(dump.contains("sidecar~127.0.0.1~web-1.shop~shop.svc.cluster.local"))
            } catch {
                Issue.record("\(error)\n\(agent.log)")
            }
        }
    }

    static let broken: [(environment: [String: String], text: String, says: String)] = [
        (["ISTIO_BOOTSTRAP": "./own/b.json"], "{\"node\": {{ .nodeID", "line 1"),
        (["ISTIO_BOOTSTRAP": "./own/b.json"], "{\"node\": {\"id\": \"x\"}", "neither JSON nor YAML"),
        (["ISTIO_BOOTSTRAP": "./own/missing.json"], "{}", "cannot read ./own/missing.json"),
        (["ISTIO_BOOTSTRAP_OVERRIDE": "./own/b.json"], "{\"admin\": ", "ISTIO_BOOTSTRAP_OVERRIDE"),
    ]

    @Test(arguments: broken)
    func aBrokenOneIsNotStartedWith(_ environment: [String: String], _ text: String, _ says: String) async throws {
        let agent = try await AgentProcess(
            controlPlane: 1, environment: environment, files: ["own/b.json": text])
        defer { agent.end() }
        try await until("it ends") { !agent.isRunning }
        #expect(agent.status != 0)
        #expect(agent.log.contains("cannot give Envoy its bootstrap"))
        #expect(agent.log.contains(says), "\(agent.log)")
        #expect(!FileManager.default.fileExists(atPath: "\(agent.folder.path)/etc/istio/proxy/envoy-rev.json"))
    }
}

@Suite struct OwnBootstrapFileTests {
    private func written(_ settings: JSONValue, _ environment: [String: String] = [:], in folder: TestFolder) throws
        -> BootstrapFile
    {
        let own = settings.merging(["configPath": .string("\(folder.path)/proxy")])
        let configuration = try AgentConfiguration(
            AgentFlags(role: .router),
            from: ConfigurationSources(
                environment: ["PROXY_CONFIG": own.jsonText].merging(environment) { _, new in new }))
        return try configuration.writeBootstrap()
    }

    @Test func aFileThatEnvoyCanReadIsUsedWhereItIs() async throws {
        try await withFolder { folder in
            for name in ["own.json", "own.yaml"] {
                let path = try folder.write("{\"admin\": {}}", to: name)
                let file = try written(["customConfigFile": .string(path)], in: folder)
                #expect(file == BootstrapFile(path: path, overlay: nil))
            }
        }
    }

    @Test func otherFilesAreWrittenAsJSON() async throws {
        try await withFolder { folder in
            let path = try folder.write("admin: {profile_path: /x}\n", to: "own.tmpl")
            for (settings, environment) in [
                (["customConfigFile": .string(path)] as JSONValue, [:]), ([:], ["ISTIO_BOOTSTRAP": path]),
            ] {
                let file = try written(settings, environment, in: folder)
                #expect(file.path == "\(folder.path)/proxy/envoy-rev.json")
                let text = try folder.text(of: "proxy/envoy-rev.json")
                #expect(try JSONValue(parsing: text) == ["admin": ["profile_path": "/x"]])
            }
        }
    }
}
