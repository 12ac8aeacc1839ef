import KubernetesModel
import SidecarInjector
import Testing
import YAML

@testable import CommandLineTool

@Suite struct InjectTests {
    private func files(_ text: String, set: [String] = [], isNative: Bool = false) throws -> WorkloadFiles {
        let input = InjectionFiles(
            settings: set, values: [], kubernetesMinor: 33,
            environment: ["ENABLE_NATIVE_SIDECARS": String(isNative)])
        var files = WorkloadFiles(try input.injectionSettings())
        try files.add(text, of: "a.yaml")
        return files
    }

    private func template(_ kind: String, _ version: String) -> String {
        """
        apiVersion: \(version)
        kind: \(kind)
        metadata: {name: w}
        spec:
          template:
            metadata: {labels: {app: w}}
            spec:
              containers: [{name: app, image: i}]
        """
    }

    @Test(arguments: [
        ("Deployment", "apps/v1"), ("Deployment", "extensions/v1beta1"), ("StatefulSet", "apps/v1beta1"),
        ("DaemonSet", "apps/v1"), ("ReplicaSet", "apps/v1"), ("ReplicationController", "v1"), ("Job", "batch/v1"),
        ("DeploymentConfig", "apps.openshift.io/v1"), ("DeploymentConfig", "v1"),
    ])
    func everyKindOfWorkload(kind: String, version: String) throws {
        let result = JSONValue(try #require(try files(template(kind, version)).documents.first))
        let containers = result["spec", "template", "spec", "containers"]?.array ?? []
        #expect(containers.compactMap { $0["name"]?.string } == ["app", "istio-proxy"])
        let variables = containers.last?["env"]?.array ?? []
        #expect(
            variables.first { $0["name"] == "ISTIO_META_OWNER" }?["value"]
                == .string("kubernetes://apis/\(version)/namespaces/default/\(kind.lowercased())s/w"))
    }

    @Test(arguments: ["batch/v1", "batch/v1beta1"])
    func theJobsOfACronJob(version: String) throws {
        let text = """
            apiVersion: \(version)
            kind: CronJob
            metadata: {name: nightly, namespace: ns}
            spec:
              jobTemplate:
                spec:
                  template:
                    spec: {containers: [{name: app, image: i}], restartPolicy: Never}
            """
        let result = JSONValue(try #require(try files(text).documents.first))
        let pod = result["spec", "jobTemplate", "spec", "template"]
        #expect(pod?["spec", "containers"]?.array?.count == 2)
        #expect(pod?["metadata", "labels", "security.istio.io/tlsMode"] == "istio")
        #expect(result["spec", "jobTemplate", "metadata", "labels", "security.istio.io/tlsMode"] == "istio")
    }

    @Test func itemsOfListsAndOtherDocumentsStay() throws {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - {kind: Service, apiVersion: v1, metadata: {name: s}}
            - {kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {containers: [{name: app, image: i}]}}
            ---
            kind: ConfigMap
            apiVersion: v1
            metadata: {name: c}
            """
        let documents = try files(text).documents
        let list = JSONValue(documents[0])
        #expect(list["items"]?.array?[0] == ["kind": "Service", "apiVersion": "v1", "metadata": ["name": "s"]])
        #expect(list["items"]?.array?[1]["spec", "containers"]?.array?.count == 2)
        #expect(yamlText(documents[1]).hasPrefix("kind: ConfigMap\napiVersion: v1\n"), "its order is kept")
    }

    @Test func aFaultNamesFileLineAndField() throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: w}
            spec:
              template:
                metadata:
                  annotations:
                    traffic.sidecar.istio.io/includeInboundPorts: web
                spec: {containers: [{name: app, image: i}]}
            """
        let finding = try #require(try files(text).findings.first)
        #expect(finding.description.hasPrefix("a.yaml:8:"))
        #expect(
            finding.message.hasPrefix(
                "spec.template.metadata.annotations[\"traffic.sidecar.istio.io/includeInboundPorts\"]: \"web\""))
    }

    @Test func whoGetsNoneIsTold() throws {
        let text = template("Deployment", "apps/v1").replacing(
            "labels: {app: w}", with: "labels: {sidecar.istio.io/inject: 'false'}")
        let files = try files(text)
        #expect(files.findings.map(\.severity) == [.note])
        #expect(JSONValue(files.documents[0])["spec", "template", "spec", "containers"]?.array?.count == 1)
    }

    @Test func settingsAreThoseOfAnInstall() throws {
        let set = ["values.global.proxy.logLevel=trace", "values.global.proxy.holdApplicationUntilProxyStarts=true"]
        let result = JSONValue(try #require(try files(template("Deployment", "apps/v1"), set: set).documents.first))
        let containers = result["spec", "template", "spec", "containers"]?.array ?? []
        #expect(containers.first?["name"] == "istio-proxy")
        #expect(containers.first?["args"]?.array?.contains("--proxyLogLevel=trace") == true)
        #expect(throws: InputFault.self) { try files("", set: ["values.global.proxy.statusPort=many"]) }
    }
}
