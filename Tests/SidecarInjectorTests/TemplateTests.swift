import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct TemplateTests {
    static let spire = """
        spec:
          containers:
          - name: istio-proxy
            volumeMounts:
            - {name: workload-socket, mountPath: /var/run/secrets/workload-spiffe-uds, readOnly: true}
          volumes:
          - name: workload-socket
            csi: {driver: csi.spiffe.io, readOnly: true}
        """

    @Test(arguments: [true, false])
    func aTemplateAddsToTheProxyWhereverItIs(isNative: Bool) throws {
        let settings = try settings(config: ["templates": ["spire": .string(Self.spire)]], isNative: isNative)
        let asks = ["inject.istio.io/templates": "sidecar, spire"]
        let result = try #require(try injected(pod(annotations: asks), settings))
        #expect(result.names("containers") == (isNative ? ["app"] : ["app", "istio-proxy"]))
        let mount = result.container("istio-proxy")?["volumeMounts"]?.array?.first { $0["name"] == "workload-socket" }
        #expect(mount?["readOnly"] == true)
        let volume = result["spec"]?["volumes"]?.array?.first { $0["name"] == "workload-socket" }
        #expect(volume == ["name": "workload-socket", "csi": ["driver": "csi.spiffe.io", "readOnly": true]])
    }

    @Test func anAliasStandsForSeveral() throws {
        let text = "metadata: {labels: {extra: '{{ .Revision }}'}}"
        let config: JSONValue = ["aliases": ["both": ["sidecar", "label"]], "templates": ["label": .string(text)]]
        let asks = ["inject.istio.io/templates": "both"]
        let result = try #require(try injected(pod(annotations: asks), try settings(config: config)))
        #expect(result.label("extra") == "default")
        #expect(result.names("initContainers").contains("istio-proxy"))
    }

    @Test func anUnknownTemplateIsNamed() throws {
        let asks = ["inject.istio.io/templates": "sidecar,sipre"]
        let error = #expect(throws: InjectionError.self) { try injected(pod(annotations: asks), try settings()) }
        #expect(error?.description.contains("\"sipre\"") == true)
        #expect(error?.description.contains("grpc-agent, grpc-simple, sidecar") == true)
    }

    @Test func aTemplateThatCannotBeReadIsNamed() throws {
        let error = #expect(throws: InjectionError.self) {
            try settings(config: ["templates": ["own": "spec: {{ if }}"]])
        }
        #expect(error?.diagnostics.first?.path == "config.templates.own")
    }

    @Test func gatewaysAndProxylessClients() throws {
        let gateway = try #require(
            try injected(
                pod([["name": "istio-proxy", "image": "auto"]], annotations: ["inject.istio.io/templates": "gateway"]),
                try settings()))
        #expect(gateway.names("containers") == ["istio-proxy"])
        #expect(gateway.names("initContainers").isEmpty)
        #expect(gateway.container("istio-proxy")?["args"]?.strings?[1] == "router")
        let probe: JSONValue = ["name": "app", "readinessProbe": ["httpGet": ["port": 80]]]
        for template in ["grpc-simple", "grpc-agent"] {
            let client = try #require(
                try injected(pod([probe], annotations: ["inject.istio.io/templates": template]), try settings()))
            #expect(client.container("app")?.variableText("GRPC_XDS_BOOTSTRAP") != nil)
            #expect(client.container("app")?["readinessProbe"] == probe["readinessProbe"])
            #expect(client.names("initContainers").contains("istio-init") == false)
        }
    }

    @Test func domainsThatNamesAreLookedUpInMayBeTemplates() throws {
        func domains(_ names: JSONValue...) throws -> JSONValue? {
            let settings = try settings(["global": ["podDNSSearchNamespaces": .array(names)]])
            return try injected(pod(spec: ["dnsConfig": ["searches": ["own"]]]), settings)?["spec"]?["dnsConfig"]
        }
        let template: JSONValue = #"{{ valueOrDefault .DeploymentMeta.Namespace "default" }}.global"#
        #expect(try domains("global", template, "own") == ["searches": ["own", "global", "default.global"]])
        #expect(throws: InjectionError.self) { try domains("{{ if }}") }
        #expect(throws: InjectionError.self) { try domains("{{ .Values.none.at.all }}") }
    }
}
