import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite("Gateways") struct GatewayTests {
    @Test("Every field is read")
    func everyField() throws {
        let mesh = try translation(
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec:
              selector: {istio: ingressgateway}
              servers:
              - name: secure
                port: {number: 443, name: https, protocol: HTTPS}
                bind: 10.0.0.7
                hosts: [./A.example.com, other/*.example.com, "*/b.example.com", c.example.com]
                tls:
                  mode: MUTUAL
                  credentialName: shop-cert
                  subjectAltNames: [spiffe://x/ns/y/sa/z]
                  verifyCertificateSpki: ["NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A="]
                  minProtocolVersion: TLSV1_2
                  maxProtocolVersion: TLSV1_3
                  cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256]
            """)
        #expect(mesh.diagnostics == [:])
        let gateway = try #require(mesh.snapshot.configuration.gateways.values.first)
        #expect(gateway.workloads == .labels(["istio": "ingressgateway"]))
        let server = try #require(gateway.servers.first)
        #expect(server.name == "secure")
        #expect(server.bind == "10.0.0.7")
        #expect(
            server.hosts == [
                GatewayHost(namespace: "shop", "a.example.com"), GatewayHost(namespace: "other", "*.example.com"),
                GatewayHost("b.example.com"), GatewayHost("c.example.com"),
            ])
        #expect(server.seesRequests && server.isEncrypted && server.endsTLS)
        let tls = try #require(server.tls)
        #expect(tls.mode == .mutual)
        #expect(tls.credentialNames == ["shop-cert", "shop-cert-cacert"])
        #expect(tls.minimumVersion == "TLSV1_2" && tls.maximumVersion == "TLSV1_3")
        #expect(tls.cipherSuites == ["ECDHE-RSA-AES128-GCM-SHA256"])
    }

    @Test("All that is wrong is told at once, by its place, and the object counts for nothing")
    func allErrors() throws {
        let mesh = try translation(
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              selector: {istio: ingressgateway}
              servers:
              - port: {number: 70000, name: a, protocol: HTTP}
                hosts: ["*"]
              - port: {number: 80, name: b, protocol: UDP}
                hosts: ["*"]
              - port: {number: 81, name: c, protocol: HTTPS}
                hosts: ["*.*.com", "a/b/c", "*a.com"]
              - port: {number: 82, name: d, protocol: HTTPS}
                bind: unix:///tmp/socket
                hosts: []
                tls: {mode: SIMPLE}
              - port: {number: 83, name: d, protocol: HTTP}
                hosts: ["*"]
                tls: {mode: SIMPLE, credentialName: x}
              - port: {number: 84, name: e, protocol: TLS}
                hosts: ["*"]
                tls: {mode: MUTUAL, serverCertificate: a, privateKey: b, minProtocolVersion: TLSV1_3,
                      maxProtocolVersion: TLSV1_2, verifyCertificateHash: [zz]}
            """)
        let found = try #require(mesh.diagnostics.values.first)
        #expect(
            Set(found.filter { $0.severity == .error }.map(\.path)) == [
                "spec.servers[0].port.number", "spec.servers[1].port.protocol", "spec.servers[2].tls",
                "spec.servers[2].hosts[0]", "spec.servers[2].hosts[1]", "spec.servers[2].hosts[2]",
                "spec.servers[3].hosts", "spec.servers[3].tls.serverCertificate",
                "spec.servers[3].tls.privateKey", "spec.servers[4].tls", "spec.servers[4].port.name",
                "spec.servers[5].tls.caCertificates", "spec.servers[5].tls.minProtocolVersion",
                "spec.servers[5].tls.verifyCertificateHash[0]",
            ])
        #expect(mesh.snapshot.configuration.gateways.isEmpty)
    }

    @Test("What proxies do not know is left out and told; the rest counts")
    func unknownWords() throws {
        let mesh = try translation(
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 443, name: a, protocol: HTTPS}
                hosts: ["*"]
                tls: {mode: SIMPLE, credentialName: x, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256, RC4-MD5]}
            """)
        let found = try #require(mesh.diagnostics.values.first)
        #expect(found.map(\.severity) == [.warning, .warning])
        #expect(Set(found.map(\.path)) == ["spec.selector", "spec.servers[0].tls.cipherSuites[1]"])
        let tls = mesh.snapshot.configuration.gateways.values.first?.servers.first?.tls
        #expect(tls?.cipherSuites == ["ECDHE-RSA-AES128-GCM-SHA256"])
    }

    @Test("A Gateway that breaks leaves the one before in place")
    func lastGood() throws {
        var mesh = try translation(plain("edge", 80))
        let broken = try #require(try clusterObjects(plain("edge", 0)).configuration.first)
        let difference = mesh.apply([.configuration(broken.key, broken.value)])
        #expect(difference.isEmpty)
        #expect(mesh.snapshot.configuration.gateways.values.first?.servers.first?.port == 80)
        #expect(mesh.diagnostics[broken.key]?.map(\.path) == ["spec.servers[0].port.number"])
    }

    @Test("Credentials go by their Secret's name, authorities by the same name with -cacert, or by their own")
    func credentialNames() {
        var tls = ServerTLS(mode: .simple)
        tls.certificates = .credentials(["a"])
        #expect(tls.credentialNames == ["a"])
        tls.mode = .optionalMutual
        #expect(tls.credentialNames == ["a", "a-cacert"])
        tls.authorityCredential = "roots"
        #expect(tls.credentialNames == ["a", "roots"])
        tls.mode = .istioMutual
        #expect(tls.credentialNames == [])
        #expect(CredentialName(resource: "kubernetes://a-cacert")?.secrets == ["a-cacert", "a"])
        #expect(CredentialName(resource: "kubernetes://a/b") == nil)
        #expect(CredentialName(resource: "default") == nil)
    }
}

func translation(_ yaml: String, settings: MeshSettings = .init()) throws -> MeshTranslation {
    MeshTranslation(try clusterObjects(yaml), settings: settings)
}

/// A Gateway with one port of HTTP.
func plain(_ name: String, _ port: Int, in namespace: String = "default", created: String = "") -> String {
    """
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: \(name), namespace: \(namespace), creationTimestamp: "\(created)"}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: \(port), name: http, protocol: HTTP}
        hosts: ["*"]

    """
}
