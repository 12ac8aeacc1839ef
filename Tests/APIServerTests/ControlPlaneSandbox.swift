import EnvoyAPI
import EnvoyTesting
import Foundation
import Synchronization
import Testing

/// Network namespaces that stand in for Pods: each has an address of its own, and what comes and goes is captured as the
/// agent's rules do it.
final class PodNetwork: Sendable {
    let name: String
    private let prefix: String
    private let pods = Mutex<[PodSandbox]>([])

    /// Where servers of this process are reached from the Pods.
    var gateway: String { "\(prefix).1" }

    init() throws {
        let number = ProcessInfo.processInfo.processIdentifier
        name = "apus\(number)"
        prefix = "198.18.\(number % 250 + 1)"
        try run("ip", "link", "add", name, "type", "bridge")
        try run("ip", "address", "add", "\(prefix).1/24", "dev", name)
        try run("ip", "link", "set", name, "up")
    }

    /// A new Pod's network.
    func pod(_ number: Int) throws -> PodSandbox {
        let pod = try PodSandbox(name: "\(name)-\(number)", address: "\(prefix).\(number + 10)", network: self)
        pods.withLock { $0.append(pod) }
        return pod
    }

    func remove() {
        for pod in pods.withLock({ $0 }) { pod.remove() }
        _ = try? run("ip", "link", "delete", name)
    }
}

/// One Pod's network namespace, and the Envoys in it: the application's and the sidecar.
final class PodSandbox: Sendable {
    let name: String
    let address: String
    private let folder: TestFolder
    private let processes = Mutex<[Process]>([])

    fileprivate init(name: String, address: String, network: PodNetwork) throws {
        self.name = name
        self.address = address
        folder = try TestFolder()
        let link = "v\(name)"
        try run("ip", "netns", "add", name)
        try run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
        try run("ip", "link", "set", link, "master", network.name, "up")
        for command in [
            "ip address add \(address)/24 dev eth0", "ip link set eth0 up", "ip link set lo up",
            "ip route add default via \(network.gateway)",
            // In: all but what people ask the sidecar itself.
            "iptables -w -t nat -A PREROUTING -p tcp --dport 15000 -j RETURN",
            "iptables -w -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 15006",
            // Out: all but what the sidecar calls, and what stays in the Pod.
            "iptables -w -t nat -A OUTPUT -s 127.0.0.6/32 -o lo -j RETURN",
            "iptables -w -t nat -A OUTPUT -m owner --uid-owner 1337 -j RETURN",
            "iptables -w -t nat -A OUTPUT -o lo -j RETURN",
            "iptables -w -t nat -A OUTPUT -p tcp -j REDIRECT --to-ports 15001",
        ] { try run(["ip", "netns", "exec", name] + command.split(separator: " ").map(String.init)) }
    }

    /// Starts the application: HTTP on port 9080 that says its name, after asking another service if it has one.
    func startApplication(_ label: String, asking other: (host: String, address: String)? = nil) throws {
        let route: String
        if let other {
            route = """
                {match: {prefix: "/"}, route: {cluster: other, host_rewrite_literal: "\(other.host)", timeout: 5s}}
                """
        } else {
            route = #"{match: {prefix: "/"}, direct_response: {status: 200, body: {inline_string: "ok"}}}"#
        }
        let config = """
            static_resources:
              listeners:
              - address: {socket_address: {address: 0.0.0.0, port_value: 9080}}
                filter_chains:
                - filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: application
                      forward_client_cert_details: ALWAYS_FORWARD_ONLY
                      http_filters:
                      - name: router
                        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                      route_config:
                        response_headers_to_add:
                        - {header: {key: served, value: "\(label)"}}
                        - {header: {key: caller, value: "\(label)<%REQ(x-forwarded-client-cert)%"}}
                        virtual_hosts: [{name: all, domains: ["*"], routes: [\(route)]}]
              clusters:
              - name: other
                type: STATIC
                load_assignment:
                  cluster_name: other
                  endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address:
                    {address: "\(other?.address ?? "127.0.0.1")", port_value: 9080}}}}]}]
            """
        try start("application", uid: 1000, config: folder.write(Array(config.utf8), to: "application.yaml"))
    }

    /// Starts the sidecar, whose control plane serves ADS in plain text on a port of the gateway.
    func startSidecar(
        _ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, nodeID: String, controlPlane: (host: String, port: Int)
    ) throws {
        let type = kind == .deltaGrpc ? "DELTA_GRPC" : "GRPC"
        let config = """
            node: {id: "\(nodeID)", cluster: sidecar, metadata: {ISTIO_VERSION: "1.27.0"}}
            admin: {address: {socket_address: {address: 0.0.0.0, port_value: 15000}}}
            dynamic_resources:
              ads_config:
                api_type: \(type)
                transport_api_version: V3
                set_node_on_first_message_only: true
                grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
              cds_config: {ads: {}, resource_api_version: V3, initial_fetch_timeout: 0s}
              lds_config: {ads: {}, resource_api_version: V3, initial_fetch_timeout: 0s}
            static_resources:
              clusters:
              - name: xds-grpc
                type: STATIC
                connect_timeout: 1s
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: {http2_protocol_options: {}}
                load_assignment:
                  cluster_name: xds-grpc
                  endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address:
                    {address: "\(controlPlane.host)", port_value: \(controlPlane.port)}}}}]}]
            """
        try start("sidecar", uid: 1337, config: folder.write(Array(config.utf8), to: "sidecar.yaml"))
    }

    /// What the sidecar's administration says; nil while it does not.
    func admin(_ path: String) async throws -> String? {
        try? await fetch("http://\(address):15000\(path)").body
    }

    /// Statistics of the sidecar whose names match.
    func statistics(_ filter: String) async throws -> [String: Int] {
        var values: [String: Int] = [:]
        for line in (try await admin("/stats?filter=\(filter)") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, let value = Int(parts[1].drop { $0 == " " }) { values[String(parts[0])] = value }
        }
        return values
    }

    func log(_ program: String) -> String { (try? folder.text(of: "\(program).log")) ?? "" }

    /// Ends what runs in it, and the Pod.
    func remove() {
        for process in processes.withLock({ $0 }) {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }
        // By itself the link goes some time after the namespace: the next test's has the same name.
        _ = try? run("ip", "link", "delete", "v\(name)")
        _ = try? run("ip", "netns", "delete", name)
        folder.remove()
    }

    private func start(_ program: String, uid: Int, config: String) throws {
        // Both users read it.
        try run("chmod", "-R", "a+rX", folder.path)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/nsenter")
        process.arguments = [
            "--net=/var/run/netns/\(name)", "setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups",
            EnvoyProgram.path ?? "", "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "info",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(
            forWritingTo: URL(filePath: folder.write([], to: "\(program).log")))
        try process.run()
        processes.withLock { $0.append(process) }
    }
}

/// Runs a program of the system to its end.
@discardableResult
private func run(_ arguments: String...) throws -> String { try run(arguments) }

@discardableResult
private func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CommandFailure(arguments: arguments, output: output) }
    return output
}

private struct CommandFailure: Error, CustomStringConvertible {
    var arguments: [String]
    var output: String

    var description: String { "\(arguments.joined(separator: " ")): \(output)" }
}
