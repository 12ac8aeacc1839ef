import EnvoyBootstrap
import KubernetesModel
import Testing

@testable import ProxyAgent
@testable import WorkloadCredentials
@testable import XDSRelay

@Suite struct ConfigurationTests {
    private let pod = [
        "POD_NAME": "web-1", "POD_NAMESPACE": "shop", "INSTANCE_IP": "10.0.0.7", "SERVICE_ACCOUNT": "web",
        "ISTIO_META_CLUSTER_ID": "east", "ISTIO_META_WORKLOAD_NAME": "web",
    ]

    private func configuration(
        _ environment: [String: String] = [:], mesh: String? = nil, labels: String? = nil, annotations: String? = nil,
        interfaces: [String] = [], change: (inout AgentFlags) -> Void = { _ in }
    ) throws -> AgentConfiguration {
        var flags = AgentFlags(role: .sidecar)
        change(&flags)
        return try AgentConfiguration(
            flags,
            from: ConfigurationSources(
                environment: pod.merging(environment) { _, new in new }, meshFile: mesh, labels: labels,
                annotations: annotations, interfaceAddresses: interfaces))
    }

    @Test func laysSourcesOverEachOther() throws {
        let mesh = "defaultConfig:\n  concurrency: 4\n  drainDuration: 30s\n  discoveryAddress: mesh:15012\n"
        let annotations = "proxy.istio.io/config=\"terminationDrainDuration: 7s\\nconcurrency: 3\\n\"\n"
        let found = try configuration(
            ["PROXY_CONFIG": #"{"discoveryAddress":"env:15012","concurrency":2}"#], mesh: mesh, annotations: annotations
        )
        #expect(found.settings.drainDuration == .seconds(30))
        #expect(found.settings.discoveryAddress == "env:15012")
        #expect(found.settings.terminationDrainDuration == .seconds(7))
        #expect(found.concurrency == 3)
        #expect(try configuration(mesh: mesh) { $0.concurrency = 1 }.concurrency == 1)
    }

    @Test func reportsEverySourceThatCannotBeRead() {
        #expect {
            try configuration(["PROXY_CONFIG": "[1]"], mesh: "a: [", annotations: "proxy.istio.io/config=\"x\"\n")
        } throws: { error in
            guard let error = error as? ConfigurationError else { return false }
            let text = error.description
            return error.problems.count == 3 && text.contains("./etc/istio/config/mesh")
                && text.contains("PROXY_CONFIG") && text.contains("proxy.istio.io/config")
        }
    }

    @Test func annotationsOfThePodSayWhereItListensAndWhomItAsks() throws {
        let annotations = """
            status.sidecar.istio.io/port="15099"
            sidecar.istio.io/discoveryAddress="other:15012"

            """
        let found = try configuration(["PROXY_CONFIG": #"{"statusPort":15021}"#], annotations: annotations)
        #expect(found.settings.statusPort == 15099)
        #expect(found.relaySettings.address == "other:15012")
        let silent = try configuration(annotations: "status.sidecar.istio.io/port=\"0\"\n")
        #expect(silent.settings.statusPort == 0)
    }

    @Test func holdsItselfToAPolicyThatItKnows() throws {
        let found = try configuration(["COMPLIANCE_POLICY": "fips-140-2"])
        #expect(found.relaySettings.endpoint.compliance == .fips1402)
        #expect(found.certificateSettings.authority.endpoint.compliance == .fips1402)
        #expect(found.bootstrapInput.compliance == .fips1402)
        #expect(try configuration().compliance == nil)
        #expect {
            try configuration(["COMPLIANCE_POLICY": "fips-140"])
        } throws: { error in
            ["\"fips-140\"", "fips-140-2", "fips-140-3", "pqc"].allSatisfy("\(error)".contains)
        }
    }

    @Test func theEnvironmentLiesOverProxyMetadata() throws {
        let found = try configuration([
            "PROXY_CONFIG": #"{"proxyMetadata":{"A":"1","POD_NAME":"other","ISTIO_META_DNS_CAPTURE":"true"}}"#
        ])
        #expect(found.variable("A") == "1")
        #expect(found.podName == "web-1")
        #expect(found.answersNames)
    }

    @Test(arguments: [
        ([:], nil), (["ISTIO_CPU_LIMIT": "2"], 2), (["ISTIO_CPU_LIMIT": "1500m"], 2),
        (["ISTIO_CPU_LIMIT": "0"], nil), (["ISTIO_CPU_LIMIT": "8", "PROXY_CONFIG": #"{"concurrency":0}"#], nil),
    ])
    func givesEnvoyAsManyThreadsAsProcessors(_ environment: [String: String], _ count: Int?) throws {
        #expect(try configuration(environment).concurrency == count)
    }

    @Test(arguments: [
        (nil, "shop.svc.cluster.local"), ("shop.svc.example.org", "shop.svc.example.org"),
        (".svc.example.org", "shop.svc.example.org"),
    ])
    func completesItsDomain(_ flag: String?, _ domain: String) throws {
        #expect(try configuration { $0.domain = flag }.domain == domain)
    }

    @Test func namesAllAddressesOfThePodItsOwnFirst() throws {
        let both = try configuration(interfaces: ["fd00::7", "10.0.0.7"])
        #expect(both.addresses == ["10.0.0.7", "fd00::7"])
        #expect(both.families == .dual)
        #expect(try configuration(["ISTIO_DUAL_STACK": "false"], interfaces: ["fd00::7"]).families == .ipv4)
        #expect(try configuration(["INSTANCE_IP": ""]).addresses == ["127.0.0.1"])
    }

    @Test func tellsTheMetricsNamesOfTheWorkload() throws {
        let found = try configuration(labels: "app=\"shop\"\nversion=\"v2\"\n")
        #expect(found.node.metadata["TELEMETRY_PEER"] == "web;shop;shop;v2;east")
    }

    @Test func callsTheControlPlaneAsItIsToldTo() throws {
        let secured = try configuration().relaySettings
        #expect(secured.address == "istiod.istio-system.svc:15012")
        #expect(secured.security == .tls(rootFile: "./var/run/secrets/istio/root-cert.pem"))
        let plain = try configuration(["PROXY_CONFIG": #"{"discoveryAddress":"127.0.0.1:15010"}"#])
        #expect(plain.relaySettings.security == .plaintext)
        let certificates = try configuration([
            "CA_ADDR": "ca:15012", "SECRET_TTL": "1m", "TRUST_DOMAIN": "td", "WORKLOAD_RSA_KEY_SIZE": "2048",
            "OUTPUT_CERTS": "/out",
        ]).certificateSettings
        #expect(certificates.authority.address == "ca:15012")
        #expect(certificates.lifetime == .seconds(60))
        #expect(certificates.spiffeID == "spiffe://td/ns/shop/sa/web")
        #expect(certificates.keyKind == .rsa(bits: 2048))
        #expect(certificates.outputFolder == "/out")
    }

    @Test func drainsAsItIsToldTo() throws {
        #expect(try configuration().drainPlan == DrainPlan(inboundOnly: true, duration: .seconds(5)))
        let idle = try configuration(["EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true", "MINIMUM_DRAIN_DURATION": "2s"])
        #expect(idle.drainPlan.minimumUntilIdle == .seconds(2))
        #expect(try configuration { $0.role = .router }.drainPlan.path(staying: false) == "/drain_listeners?graceful")
    }

    @Test func readsWhatTheKubeletWrites() {
        let text = "app=\"web\"\nnote=\"a \\\"quoted\\\" \\\\ line\\n\\u00e9\\x41\"\nbroken\n"
        #expect(podInformation(text) == ["app": "web", "note": "a \"quoted\" \\ line\n\u{e9}A"])
    }

    @Test func startsEnvoyWithWhatItWasTold() throws {
        let found = try configuration(["ISTIO_CPU_LIMIT": "2"]) {
            $0.proxyLogLevel = "debug,misc:error"
            $0.proxyComponentLogLevel = "rbac:trace"
        }
        let arguments = found.envoyCommand(bootstrap: "b.json", overlay: "{}").arguments
        func value(of name: String) -> String? { arguments.firstIndex(of: name).map { arguments[$0 + 1] } }
        #expect(value(of: "-c") == "b.json")
        #expect(value(of: "-l") == "debug")
        #expect(value(of: "--component-log-level") == "misc:error,rbac:trace")
        #expect(value(of: "--concurrency") == "2")
        #expect(value(of: "--drain-time-s") == "45")
        #expect(value(of: "--local-address-ip-version") == "v4")
        #expect(value(of: "--config-yaml") == "{}")
    }

    @Test func gRPCLibrariesFindTheRelay() throws {
        let bootstrap = grpcBootstrap(for: try configuration(["OUTPUT_CERTS": "/certs"]))
        #expect(bootstrap["xds_servers"]?.array?[0]["server_uri"] == "unix:///etc/istio/proxy/XDS")
        #expect(bootstrap["node", "id"] == "sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local")
        let files = bootstrap["certificate_providers", "default", "config"]
        #expect(files?["private_key_file"] == "/certs/key.pem")
        // Without certificates there is no provider of them.
        #expect(grpcBootstrap(for: try configuration())["certificate_providers"] == nil)
    }
}
