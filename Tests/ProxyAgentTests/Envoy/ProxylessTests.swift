import CertificateAuthority
import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import SwiftProtobuf
import Testing
import XDSServer

@testable import WorkloadCredentials
@testable import XDSRelay

/// The real agent beside an application that asks the control plane itself, as gRPC's xDS clients do.
@Suite(
    .enabled(if: AgentProgram.path != nil, "needs pilot-agent beside the tests, or in APUS_PILOT_AGENT"), .serialized)
struct ProxylessTests {
    @Test func anApplicationFindsItsConfigurationAndCertificates() async throws {
        let identity = try TestAuthority().workload(["spiffe://cluster.local/ns/shop/sa/default"])
        let credentials = "var/run/secrets/workload-spiffe-credentials"
        try await withControlPlane(listener: 7) { port in
            let agent = try await AgentProcess(
                controlPlane: port,
                environment: [
                    "DISABLE_ENVOY": "true", "OUTPUT_CERTS": "./var/lib/istio/data", "ISTIO_META_GENERATOR": "grpc",
                    "GRPC_XDS_BOOTSTRAP": "./etc/istio/proxy/grpc-bootstrap.json",
                ],
                files: [
                    "\(credentials)/cert-chain.pem": identity.certificate,
                    "\(credentials)/key.pem": identity.privateKey,
                    "\(credentials)/root-cert.pem": identity.root,
                ])
            defer { agent.end() }
            do {
                // Nobody has called the control plane yet: the application waits for this before it starts.
                try await until("it is ready") { (try? await agent.ask("/healthz/ready"))?.status == 200 }
                let bootstrap = try JSONValue(
                    parsing: try agent.folder.text(of: "etc/istio/proxy/grpc-bootstrap.json"))
                #expect(bootstrap["node", "metadata", "GENERATOR"] == "grpc")
                let files = bootstrap["certificate_providers", "default", "config"]
                #expect(files?["private_key_file"] == "./var/lib/istio/data/key.pem")
                let output = try WorkloadIdentity(
                    chain: try PEMBlocks.certificates(
                        in: try agent.folder.text(of: "var/lib/istio/data/cert-chain.pem")),
                    privateKey: try PrivateKeyPEM(parsing: try agent.folder.text(of: "var/lib/istio/data/key.pem")),
                    roots: try TrustBundle(parsing: try agent.folder.text(of: "var/lib/istio/data/root-cert.pem")))
                #expect(output.ends(at: try TrustBundle(parsing: identity.root)))
                let socket = "\(agent.folder.path)/etc/istio/proxy/XDS"
                let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
                #expect(mode == 0o666)
                #expect(try await listener(named: "inbound", at: socket, bootstrap["node"]) == "inbound")
                #expect(agent.envoy == nil)
            } catch {
                Issue.record("\(error)\n\(agent.log)")
            }
        }
    }

    @Test func withoutCertificatesItIsNotReady() async throws {
        let agent = try await AgentProcess(
            controlPlane: 1, environment: ["DISABLE_ENVOY": "true", "OUTPUT_CERTS": "./certificates"])
        defer { agent.end() }
        try await until("it answers") { (try? await agent.ask("/healthz/ready"))?.status == 503 }
        #expect(try await agent.ask("/healthz/ready").body.contains("certificates are not there yet"))
    }

    /// What a client is told that asks for one listener by name.
    private func listener(named name: String, at socket: String, _ node: JSONValue?) async throws -> String? {
        let node = try Envoy_Config_Core_V3_Node(jsonString: node?.jsonText ?? "{}")
        let transport = try HTTP2ClientTransport.Posix(
            target: .unixDomainSocket(path: socket), transportSecurity: .plaintext)
        return try await withGRPCClient(transport: transport) { client in
            let (requests, ask) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryRequest.self)
            ask.yield(
                .with {
                    $0.node = node
                    $0.typeURL = TypeURL.listener.rawValue
                    $0.resourceNames = [name]
                })
            return try await ControlPlaneStub(wrapping: client).streamAggregatedResources { writer in
                for await request in requests { try await writer.write(request) }
            } onResponse: { response in
                defer { ask.finish() }
                var responses = response.messages.makeAsyncIterator()
                let resource = try await responses.next()?.resources.first
                return try resource.map { try Envoy_Config_Listener_V3_Listener(serializedBytes: $0.value).name }
            }
        }
    }
}
