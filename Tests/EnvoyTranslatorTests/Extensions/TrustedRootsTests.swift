import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Roots that agents are told of") struct TrustedRootsTests {
    private func told(_ roots: [String], _ proxy: (Mesh) -> Proxy) throws -> [[String]] {
        var mesh = Mesh()
        mesh.snapshot.settings.trustedRoots = roots
        let proxy = proxy(mesh)
        let resources = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        let found = try #require(resources[Istio_Mesh_V1alpha1_ProxyConfig.typeURL])
        return found.compactMap { ($0.message as? Istio_Mesh_V1alpha1_ProxyConfig)?.caCertificatesPem }
    }

    @Test("Those of the mesh's settings, in their order, to sidecars and gateways")
    func roots() throws {
        #expect(try told(["one", "two"]) { $0.sidecar(at: ["10.0.0.1"]) } == [["one", "two"]])
        #expect(try told(["one", "two"]) { $0.router() } == [["one", "two"]])
    }

    @Test("Without any there is nothing to be told")
    func none() throws { #expect(try told([]) { $0.sidecar(at: ["10.0.0.1"]) } == []) }
}
