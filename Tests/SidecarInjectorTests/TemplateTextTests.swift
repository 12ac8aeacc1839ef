import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing
import YAML

@testable import SidecarInjector

/// The texts of the built-in templates, which Istio's own injector could run, say the same as the functions.
@Suite struct TemplateTextTests {
    /// The ConfigMap of an install, and the same with texts that look changed, so that they are run as texts.
    private static func configurations(_ values: JSONValue) throws -> (functions: String, texts: String, values: String)
    {
        let spec = IstioOperatorSpec.read(["values": values])
        try #require(spec.diagnostics.isEmpty)
        let rendered = try ManifestRenderer.manifests(
            for: RenderInput(
                owner: ObjectKey(namespace: "istio-system", name: "installed"), spec: spec.spec,
                facts: ClusterFacts(kubernetesMinor: 33, served: []), purpose: .file))
        let injector = try #require(
            rendered.manifests.map(\.object).first { $0.kind == "ConfigMap" && $0.name == "istio-sidecar-injector" })
        let data = try #require(injector.json["data"])
        let config = try #require(data["config"]?.string)
        var changed = try #require(try JSONValue.documents(yaml: config).first)
        let templates = try #require(changed["templates"]?.object)
        changed["templates"] = .object(
            templates.mapValues { .string(($0.string ?? "") + "\n{{- /* changed */ -}}\n") })
        return (config, yamlText(YAMLNode(changed)), try #require(data["values"]?.string))
    }

    static let variants: [JSONValue] = [
        [:],
        [
            "global": [
                "network": "n1", "imagePullSecrets": ["mesh"], "imagePullPolicy": "Always", "logAsJson": true,
                "mountMtlsCerts": true, "meshID": "m1", "multiCluster": ["clusterName": "c1"], "caAddress": "ca:1",
                "proxy": [
                    "holdApplicationUntilProxyStarts": true, "excludeOutboundPorts": "9",
                    "outlierLogPath": "/dev/stdout", "readinessFailureThreshold": 7, "statusPort": 0,
                ], "sts": ["servicePort": 15463],
            ], "pilot": ["cni": ["enabled": true, "provider": "multus"]],
        ],
        [
            "global": [
                "proxy": [
                    "lifecycle": ["preStop": ["exec": ["command": ["sleep", "1"]]]], "privileged": true,
                    "seccompProfile": ["type": "RuntimeDefault"], "enableCoreDump": true, "tracer": "datadog",
                ], "proxy_init": ["forceApplyIptables": true, "image": "hub/init:1"], "nativeNftables": true,
            ], "gateways": ["securityContext": ["runAsUser": 5]],
        ],
    ]

    @Test(arguments: variants.indices, [true, false])
    func textsSayWhatFunctionsSay(variant: Int, isNative: Bool) throws {
        let configurations = try Self.configurations(Self.variants[variant])
        let facts = InjectionFacts(
            revision: variant == 1 ? "canary" : "default",
            environment: [
                "ENABLE_NATIVE_SIDECARS": String(isNative), "COMPLIANCE_POLICY": variant == 1 ? "fips-140-3" : "",
            ])
        let mesh: JSONValue =
            variant == 0
            ? [:]
            : [
                "trustDomain": "td", "proxyListenPort": 15002,
                "defaultConfig": [
                    "proxyMetadata": ["A": "b: 'c'", "IPTABLES_TRACE_LOGGING": variant == 2 ? "true" : "false"]
                ],
                "inboundTrafficPolicy": ["mode": variant == 1 ? "LOCALHOST" : "PASSTHROUGH"],
            ]
        let functions = try InjectionSettings(
            config: configurations.functions, values: configurations.values, meshConfig: mesh, facts: facts)
        let texts = try InjectionSettings(
            config: configurations.texts, values: configurations.values, meshConfig: mesh, facts: facts)
        for builtIn in BuiltInTemplate.allCases {
            guard case .builtIn = functions.templates[builtIn.rawValue], case .text = texts.templates[builtIn.rawValue]
            else {
                Issue.record("\(builtIn) is not told apart")
                continue
            }
        }
        var pods = RandomPods(seed: UInt64(variant))
        for _ in 0..<30 {
            let pod = pods.next()
            let function = try #require(try injected(pod, functions))
            let text = try #require(try injected(pod, texts))
            #expect(jsonPatch(from: function, to: text) == [], "\(pod)")
        }
    }
}
