import ArgumentParser
import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@testable import CommandLineTool

/// `apus translate`: whose proxy is meant, and what it is sent.
@Suite struct TranslateTests {
    private func mesh(_ text: String = meshExample) -> MeshFiles {
        MeshFiles(InputDocuments(text: text, of: "mesh.yaml"))
    }

    private func name(_ text: String) throws -> ProxyName { try #require(ProxyName(argument: text)) }

    @Test func namesOfProxies() throws {
        #expect(try name("a.b.c").key == ObjectKey(namespace: "c", name: "a.b"))
        #expect(try name("a").key == ObjectKey(namespace: "default", name: "a"))
        #expect(ProxyName(argument: "a.") == nil)
    }

    @Test("Of a Pod, of a workload's Pod, and of one about which nothing is known")
    func proxies() throws {
        let pod = mesh().proxy(try name("client.shop"))
        #expect(pod.note == nil)
        #expect(pod.proxy.addresses == ["10.1.2.3"])
        #expect(pod.proxy.labels["app"] == "client")
        #expect(pod.proxy.serviceAccount == "buyer")
        #expect(pod.proxy.kind == .sidecar)
        let workload = mesh().proxy(try name("reviews-v1.shop"))
        #expect(workload.note?.contains("Deployment") == true)
        #expect(workload.proxy.labels == ["app": "reviews", "version": "v1"])
        #expect(workload.proxy.serviceAccount == "reviews")
        let other = mesh().proxy(try name("other.shop"))
        #expect(other.note?.contains("without labels") == true)
        #expect(other.proxy.namespace == "shop")
        #expect(other.proxy.addresses.count == 1)
    }

    @Test func gatewaysAreToldByTheirArguments() throws {
        let text = """
            apiVersion: v1
            kind: Pod
            metadata: {name: gw, namespace: mesh}
            spec: {containers: [{name: istio-proxy, args: [proxy, router]}]}
            """
        #expect(mesh(text).proxy(try name("gw.mesh")).proxy.kind == .router)
    }

    @Test("The JSON is that of the messages that a control plane sends, all of them")
    func sameAsSent() throws {
        let mesh = mesh()
        let proxy = mesh.proxy(try name("client.shop")).proxy
        let resources = try mesh.resources(for: proxy)
        let sent = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        func compare<Kind: Message>(_ type: ResourceType, _: Kind.Type) throws {
            let told = try #require(type.json(resources).array).map { try Kind(jsonString: $0.jsonText).stableBytes() }
            let messages = try #require(sent[Kind.typeURL]).map { try $0.message.stableBytes() }
            #expect(told == messages, "\(type)")
            #expect(!told.isEmpty, "\(type)")
        }
        try compare(.listener, Envoy_Config_Listener_V3_Listener.self)
        try compare(.route, Envoy_Config_Route_V3_RouteConfiguration.self)
        try compare(.cluster, Envoy_Config_Cluster_V3_Cluster.self)
        try compare(.endpoint, Envoy_Config_Endpoint_V3_ClusterLoadAssignment.self)
        let all = try #require(try ResourceType.all.json(resources).object)
        #expect(Set(all.keys).isSuperset(of: ["listeners", "routes", "clusters", "endpoints"]))
    }

    @Test("An object that makes no sense is told with its place, and the others stand")
    func invalidObjects() throws {
        let broken = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: broken, namespace: shop}
            spec:
              host: 7
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: route}
            ---
            """
        let mesh = mesh(broken + "\n" + meshExample)
        let error = try #require(mesh.findings.first { $0.severity == .error })
        #expect(error.description.hasPrefix("mesh.yaml:5:"), "\(error)")
        #expect(error.description.contains("DestinationRule shop/broken"), "\(error)")
        #expect(mesh.findings.contains { $0.severity == .note && $0.message.contains("1 HTTPRoute") })
        let proxy = mesh.proxy(try name("client.shop")).proxy
        let clusters = try ResourceType.cluster.json(mesh.resources(for: proxy)).array ?? []
        #expect(clusters.contains { $0["name"] == "outbound|80|v1|reviews.shop.svc.cluster.local" })
    }

    @Test(arguments: [
        ["translate", "--proxy", "."], ["translate", "-f", "x", "--proxy", "a.b", "--type", "nothing"],
        ["translate", "-f", "x"], ["translate", "--proxy", "a.b"],
    ])
    func wrongUsage(_ arguments: [String]) {
        do {
            _ = try ApusCommand.parseAsRoot(arguments)
            Issue.record("accepted")
        } catch {
            #expect(ApusCommand.usageMessage(for: error) != nil)
        }
    }
}
