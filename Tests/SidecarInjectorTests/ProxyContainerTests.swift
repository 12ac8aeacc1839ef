import KubernetesModel
import Testing

@testable import SidecarInjector

/// What the proxy's container is given, and the one that leads traffic to it.
@Suite struct ProxyContainerTests {
    private func proxy(
        _ annotations: [String: String] = [:], mesh: JSONValue = [:], environment: [String: String] = [:]
    ) throws -> JSONValue? {
        let settings = try settings(mesh: mesh, environment: environment)
        return try injected(pod(annotations: annotations), settings)?.container("istio-proxy")
    }

    @Test(arguments: [("fips-140-2", nil), ("fips-140-3", "fips140=only"), ("pqc", nil)] as [(String, String?)])
    func thePolicyIsHandedOn(policy: String, debugging: String?) throws {
        let container = try proxy(environment: ["COMPLIANCE_POLICY": policy])
        #expect(container?.variableText("COMPLIANCE_POLICY") == policy)
        #expect(container?.variableText("GODEBUG") == debugging)
    }

    @Test func aPolicyThatNobodyKnowsIsRefused() throws {
        #expect(try proxy(environment: ["COMPLIANCE_POLICY": ""])?.variableText("COMPLIANCE_POLICY") == nil)
        let error = #expect(throws: InjectionError.self) {
            try settings(environment: ["COMPLIANCE_POLICY": "fips-140"])
        }
        #expect(error?.description.contains("fips-140-2, fips-140-3, pqc") == true)
    }

    @Test(
        arguments: [
            ([:], nil), (["sidecar.istio.io/interceptionMode": "TPROXY"], ["NET_ADMIN"]),
            (["sidecar.istio.io/capNetBindService": "true"], ["NET_BIND_SERVICE"]),
            (
                ["sidecar.istio.io/interceptionMode": "TPROXY", "sidecar.istio.io/capNetBindService": "true"],
                ["NET_ADMIN", "NET_BIND_SERVICE"]
            ),
        ] as [([String: String], [String]?)])
    func whatOnlyRootMayIsRoots(annotations: [String: String], added: [String]?) throws {
        let context = try proxy(annotations)?["securityContext"]
        #expect(context?["capabilities"]?["add"]?.strings == added)
        #expect(context?["runAsUser"] == (added == nil ? 1337 : 0))
        #expect(context?["runAsNonRoot"] == .bool(added == nil))
    }

    /// Rules leave their traces in the kernel's log, which no proxy reads.
    @Test func tracesOfRulesAreNoReasonForPrivileges() throws {
        let metadata: JSONValue = ["IPTABLES_TRACE_LOGGING": "true"]
        let settings = try settings(mesh: ["defaultConfig": ["proxyMetadata": metadata]])
        let result = try #require(try injected(pod(), settings))
        #expect(result.container("istio-init")?.variableText("IPTABLES_TRACE_LOGGING") == "true")
        #expect(try result.container("istio-proxy")?["securityContext"] == proxy()?["securityContext"])
    }

    @Test func theContainersBeforeTheProxyGetWhatThePodGivesIt() throws {
        let annotations = ["sidecar.istio.io/proxyCPU": "50m", "sidecar.istio.io/enableCoreDump": "true"]
        let values: JSONValue = ["global": ["imagePullPolicy": "Always"]]
        let result = try #require(try injected(pod(annotations: annotations), try settings(values)))
        for name in ["istio-init", "enable-core-dump", "istio-proxy"] {
            let container = try #require(result.container(name))
            #expect(container["resources"] == ["requests": ["cpu": "50m"]], "\(name)")
            #expect(container["imagePullPolicy"] == "Always", "\(name)")
        }
    }

    @Test func aTracerHasItsOwnEnvironment() throws {
        let said = pod(annotations: ["apm.datadoghq.com/env": #"{"DD_ENV":"prod"}"#])
        let values: JSONValue = ["global": ["proxy": ["tracer": "datadog"]]]
        #expect(try injected(said, try settings(values))?.container("istio-proxy")?.variableText("DD_ENV") == "prod")
        #expect(try injected(said, try settings())?.container("istio-proxy")?.variableText("DD_ENV") == nil)
    }

    @Test(arguments: [(#"{"DD_ENV":"prod"}"#, 0), ("", 0), ("DD_ENV=prod", 1), (#"["DD_ENV"]"#, 1)])
    func whatIsNoEnvironmentOfATracerIsTold(text: String, count: Int) throws {
        let said = InjectionRequest(pod: pod(annotations: ["apm.datadoghq.com/env": text]), namespace: "default")
        func warnings(_ tracer: String) throws -> [String] {
            let settings = try settings(["global": ["proxy": ["tracer": .string(tracer)]]])
            guard case .injected(_, let warnings) = try injection(of: said, with: settings) else { return [] }
            return warnings.filter { $0.contains("apm.datadoghq.com/env") }
        }
        #expect(try warnings("datadog").count == count)
        #expect(try warnings("zipkin") == [])
    }

    /// The application is called on the loopback there, so that is where it has to be asked for its health.
    @Test(arguments: [("LOCALHOST", "true"), ("PASSTHROUGH", nil)] as [(String, String?)])
    func probesGoWhereCallsGo(mode: String, value: String?) throws {
        let container = try proxy(mesh: ["inboundTrafficPolicy": ["mode": .string(mode)]])
        #expect(container?.variableText("REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION") == value)
    }

    @Test func volumesMayBeAListToo() throws {
        let annotations = [
            "sidecar.istio.io/userVolume": #"[{"name":"b","emptyDir":{}},{"name":"a","configMap":{"name":"c"}}]"#,
            "sidecar.istio.io/userVolumeMount": #"[{"name":"b","mountPath":"/b"}]"#,
        ]
        let result = try #require(try injected(pod(annotations: annotations), try settings()))
        let volumes = result["spec"]?["volumes"]?.array ?? []
        #expect(volumes.contains(["name": "b", "emptyDir": [:]]))
        #expect(volumes.contains(["name": "a", "configMap": ["name": "c"]]))
        let mounts = result.container("istio-proxy")?["volumeMounts"]?.array ?? []
        #expect(mounts.contains(["name": "b", "mountPath": "/b"]))
    }

    @Test func whatAnAnnotationSaysIsSaidEvenIfItIsNothing() throws {
        func flags(_ annotations: [String: String]) throws -> [String: String] {
            let result = try injected(pod(annotations: annotations), try settings())
            let arguments = result?.container("istio-init")?["args"]?.strings ?? []
            var flags: [String: String] = [:]
            for (flag, value) in zip(arguments, arguments.dropFirst()) where ["-q", "-o", "-k", "-c"].contains(flag) {
                flags[flag] = value
            }
            return flags
        }
        #expect(try flags([:]) == [:])
        #expect(
            try flags([
                "traffic.sidecar.istio.io/includeOutboundPorts": "443",
                "traffic.sidecar.istio.io/excludeOutboundPorts": "",
                "istio.io/reroute-virtual-interfaces": "net1", "traffic.sidecar.istio.io/kubevirtInterfaces": "net2",
                "traffic.sidecar.istio.io/excludeInterfaces": "eth1",
            ]) == ["-q": "443", "-o": "", "-k": "net1", "-c": "eth1"])
    }
}
