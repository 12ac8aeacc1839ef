import MeshModel
import Testing

@Suite struct HostImportsTests {
    private func imports(_ hosts: String...) -> HostImports {
        HostImports(.hosts(hosts.compactMap { HostImport($0, in: "shop") }))
    }

    @Test func namespacesAndHostsHaveToFit() {
        let hosts = imports("./*", "far/a.far.svc", "*/*.example.com", "~/*", "rest/*.svc")
        #expect(hosts.importsService("anything", in: "shop"))
        #expect(hosts.importsService("a.far.svc", in: "far"))
        #expect(!hosts.importsService("b.far.svc", in: "far"))
        #expect(!hosts.importsService("a.far.svc", in: "elsewhere"))
        #expect(hosts.importsService("www.example.com", in: "elsewhere"))
        #expect(!hosts.importsService("example.com", in: "elsewhere"))
        #expect(hosts.importsService("*.sub.example.com", in: "elsewhere"))
        #expect(!hosts.importsService("*.com", in: "elsewhere"))
        #expect(hosts.importsService("x.rest.svc", in: "rest"))
    }

    @Test func nothingIsImportedByATilde() {
        let hosts = imports("~/*")
        #expect(!hosts.importsService("a", in: "shop"))
        #expect(!hosts.importsVirtualService(["a"], in: "shop"))
    }

    @Test func aVirtualServiceCountsWhereOneHostMeetsOneImport() {
        let hosts = imports("shop/a.shop.svc", "*/*.example.com")
        #expect(hosts.importsVirtualService(["b.shop.svc", "a.shop.svc"], in: "shop"))
        #expect(!hosts.importsVirtualService(["a.shop.svc"], in: "far"))
        // Patterns count both ways.
        #expect(hosts.importsVirtualService(["*.shop.svc"], in: "shop"))
        #expect(hosts.importsVirtualService(["*.com"], in: "far"))
        #expect(hosts.importsVirtualService(["www.example.com"], in: "far"))
        #expect(!hosts.importsVirtualService(["*.org"], in: "far"))
    }
}
