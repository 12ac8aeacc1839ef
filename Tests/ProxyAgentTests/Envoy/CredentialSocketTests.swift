import AgentRuntime
import DiscoveryAPI
import EnvoyAPI
import EnvoyBootstrap
import EnvoyTesting
import Foundation
import GRPCCore
import KubernetesModel
import SwiftProtobuf
import Testing
import XDSServer

@testable import ProxyAgent

/// A program that gives credentials to gateways, beside the real agent and a real Envoy.
@Suite(.enabled(if: AgentProgram.isUsable && Programs.arePresent, "\(AgentProgram.absence)"), .serialized)
struct CredentialSocketTests {
    @Test func aGatewayServesWithTheCredentialOfAnotherProgram() async throws {
        let identity = try TestAuthority().server(["edge.example.com"])
        let listener = try await freePort()
        let cache = try ResourceCache([
            .cluster: .empty, .listener: ResourceSnapshot([Self.listener(port: listener)]),
        ])
        try await withControlPlane(cache) { port in
            // The program comes later than the agent: the Pod says that it will.
            let agent = try await AgentProcess(
                controlPlane: port, environment: ["ISTIO_META_credential": "true"],
                files: ["var/run/secrets/credential-uds/.keep": "", "root.pem": identity.root])
            defer { agent.end() }
            let program = SocketServer(
                path: "\(agent.folder.path)/var/run/secrets/credential-uds/socket", mode: 0o600,
                services: [CredentialProgram(name: "sds://edge", identity: identity)])
            let running = Task { try await program.run() }
            defer { running.cancel() }
            do {
                try await until("the gateway answers over TLS") {
                    try Programs.curl([
                        "--resolve", "edge.example.com:\(listener):127.0.0.1", "--cacert",
                        "\(agent.folder.path)/root.pem", "https://edge.example.com:\(listener)/",
                    ]).output.contains("sealed")
                }
            } catch {
                Issue.record("\(error)\n\(agent.log)")
            }
        }
    }

    private static func listener(port: Int) throws -> Resource {
        let plain = try inboundListener(port: port, answer: "sealed")
        var listener = try Envoy_Config_Listener_V3_Listener(serializedBytes: plain.body)
        let context = Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext.with {
            $0.commonTlsContext.tlsCertificateSdsSecretConfigs = [
                .with {
                    $0.name = "sds://edge"
                    $0.sdsConfig.resourceApiVersion = .v3
                    $0.sdsConfig.apiConfigSource.apiType = .grpc
                    $0.sdsConfig.apiConfigSource.transportApiVersion = .v3
                    $0.sdsConfig.apiConfigSource.grpcServices = [.with { $0.envoyGrpc.clusterName = "sds-external" }]
                }
            ]
        }
        listener.filterChains[0].transportSocket.name = "tls"
        listener.filterChains[0].transportSocket.typedConfig = try .init(packing: context)
        return Resource(name: listener.name, body: try listener.stableBytes())
    }
}

@Suite struct SecretSocketConfigurationTests {
    private func configuration(_ change: (inout ConfigurationSources) -> Void) throws -> AgentConfiguration {
        var sources = ConfigurationSources(environment: ["POD_NAME": "edge", "POD_NAMESPACE": "shop"])
        change(&sources)
        return try AgentConfiguration(AgentFlags(role: .router), from: sources)
    }

    @Test func theNodeSaysWhichProgramsThereAre() throws {
        let none = try configuration { _ in }
        #expect(none.node.metadata["credential"] == nil)
        #expect(none.bootstrapInput.credentialSocket == nil)
        let both = try configuration {
            $0.hasCredentialSocket = true
            $0.hasIdentitySocket = true
        }
        #expect(both.node.metadata["credential"] == "true")
        #expect(both.node.metadata["file-credential"] == "true")
        #expect(both.bootstrapInput.credentialSocket == "./var/run/secrets/credential-uds/socket")
        #expect(both.bootstrapInput.fileSecretSocket == "./var/run/secrets/credential-uds/files-socket")
        let clusters = try JSONValue(parsing: try both.bootstrapText())["static_resources", "clusters"]?.array ?? []
        let names = clusters.compactMap { $0["name"]?.string }
        #expect(Set(names).isSuperset(of: ["sds-external", "sds-files-grpc", "sds-grpc"]))
    }
}

/// Gives one secret to everybody.
private struct CredentialProgram: Envoy_Service_Secret_V3_SecretDiscoveryService.SimpleServiceProtocol {
    let name: String
    let identity: TestAuthority.Identity

    private var secret: Google_Protobuf_Any {
        get throws {
            let secret = Envoy_Extensions_TransportSockets_Tls_V3_Secret.with {
                $0.name = name
                $0.tlsCertificate.certificateChain.inlineString = identity.certificate
                $0.tlsCertificate.privateKey.inlineString = identity.privateKey
            }
            return try .init(packing: secret)
        }
    }

    func streamSecrets(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DiscoveryResponse>, context: ServerContext
    ) async throws {
        for try await message in request where message.responseNonce.isEmpty && message.resourceNames == [name] {
            let secret = try secret
            try await response.write(
                .with {
                    $0.versionInfo = "1"
                    $0.nonce = "1"
                    $0.typeURL = message.typeURL
                    $0.resources = [secret]
                })
        }
    }

    func deltaSecrets(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DeltaDiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DeltaDiscoveryResponse>, context: ServerContext
    ) async throws {
        throw RPCError(code: .unimplemented, message: "not spoken here")
    }

    func fetchSecrets(
        request: Envoy_Service_Discovery_V3_DiscoveryRequest, context: ServerContext
    ) async throws -> Envoy_Service_Discovery_V3_DiscoveryResponse {
        throw RPCError(code: .unimplemented, message: "not spoken here")
    }
}
