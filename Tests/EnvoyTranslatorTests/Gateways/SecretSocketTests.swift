import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Programs beside a proxy that give it secrets") struct SecretSocketTests {
    private static let yaml =
        gatewayYAML(
            "a", serverYAML(443, "HTTPS", hosts: "a.com", tls: "mode: MUTUAL, credentialName: 'sds://edge'"),
            serverYAML(443, "HTTPS", hosts: "b.com", tls: "mode: SIMPLE, credentialName: b", name: "b"),
            serverYAML(
                443, "HTTPS", hosts: "c.com",
                tls: "mode: MUTUAL, serverCertificate: /c, privateKey: /k, caCertificates: /r", name: "c"))
            + """
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: out, namespace: istio-system}
            spec:
              hosts: [out.example.com]
              location: MESH_EXTERNAL
              resolution: DNS
              ports: [{number: 443, name: tls, protocol: TLS}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: out, namespace: istio-system}
            spec:
              host: out.example.com
              trafficPolicy: {tls: {mode: MUTUAL, credentialName: 'sds://client'}}

            """

    /// Names of secrets, and the clusters, or the stream, that they come from.
    private func secrets(_ metadata: JSONValue) throws -> Set<String> {
        let mesh = try Mesh(objects: Self.yaml)
        var proxy = mesh.router()
        proxy.metadata = metadata
        let resources = try mesh.resources(for: proxy)
        var found: Set<String> = []
        func note(_ configs: [Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig]) {
            for config in configs {
                let service = config.sdsConfig.apiConfigSource.grpcServices.first?.envoyGrpc.clusterName
                found.insert("\(config.name) <- \(service ?? "ads")")
            }
        }
        for chain in resources.listeners.flatMap(\.filterChains) where chain.hasTransportSocket {
            let context = try Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext(
                serializedBytes: chain.transportSocket.typedConfig.value)
            note(context.commonTlsContext.tlsCertificateSdsSecretConfigs)
            if case .combinedValidationContext? = context.commonTlsContext.validationContextType {
                note([context.commonTlsContext.combinedValidationContext.validationContextSdsSecretConfig])
            }
        }
        for cluster in resources.clusters where cluster.name.hasSuffix("out.example.com") {
            let context = try Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext(
                serializedBytes: cluster.transportSocket.typedConfig.value)
            note(context.commonTlsContext.tlsCertificateSdsSecretConfigs)
            note([context.commonTlsContext.combinedValidationContext.validationContextSdsSecretConfig])
        }
        return found
    }

    @Test("Credentials named sds:// come from the program, by the name that is written; all others as ever")
    func credentials() throws {
        #expect(
            try secrets(["credential": "true"]) == [
                "sds://edge <- sds-external", "sds://edge-cacert <- sds-external", "kubernetes://b <- ads",
                "file-cert:/c~/k <- sds-grpc", "file-root:/r <- sds-grpc", "sds://client <- sds-external",
                "sds://client-cacert <- sds-external",
            ])
    }

    @Test("Files come from the agent's other socket where another program has the first")
    func files() throws {
        let found = try secrets(["file-credential": "true"])
        #expect(found.isSuperset(of: ["file-cert:/c~/k <- sds-files-grpc", "file-root:/r <- sds-files-grpc"]))
        #expect(found.contains("kubernetes://b <- ads"))
    }

    @Test("Without such a program nothing is asked of one")
    func none() throws {
        let found = try secrets([:])
        #expect(found.allSatisfy { !$0.contains("sds-external") && !$0.contains("sds-files") })
        #expect(found.contains("kubernetes://sds://edge <- ads"))
    }
}
