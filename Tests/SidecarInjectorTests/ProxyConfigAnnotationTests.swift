import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct ProxyConfigAnnotationTests {
    /// Who writes a field that nobody knows has a Pod all the same, and is told.
    @Test func unknownFieldsAreTold() throws {
        func warnings(_ text: String) throws -> [String] {
            let request = InjectionRequest(
                pod: pod(annotations: ["proxy.istio.io/config": text]), namespace: "default")
            guard case .injected(_, let warnings) = try injection(of: request, with: settings()) else {
                return ["none"]
            }
            return warnings
        }
        #expect(try warnings("concurrency: 1\nstatus_port: 15021\ntracing: {sampling: 5}") == [])
        #expect(try warnings("concurrency: '1'\ntracing: {sampling: '10.0'}") == [])
        let found = try warnings("concurency: 1\ntracing: {sampleing: 5}")
        #expect(found.count == 2)
        #expect(found.first?.contains("metadata.annotations[\"proxy.istio.io/config\"].concurency") == true)
        #expect(found.first?.contains("did you mean \"concurrency\"?") == true)
        #expect(throws: InjectionError.self) { try warnings("[1]") }
    }

    /// The agent reads them as protocol buffers have them.
    @Test func variablesAreTextsWithoutQuotesToo() throws {
        let annotations = ["proxy.istio.io/config": "proxyMetadata: {A: 1, B: true, C: c}"]
        let container = try #require(try injected(pod(annotations: annotations), settings())?.container("istio-proxy"))
        let text = try #require(container.variableText("PROXY_CONFIG"))
        #expect(try JSONValue(parsing: text)["proxyMetadata"] == ["A": "1", "B": "true", "C": "c"])
        #expect(container.variableText("B") == "true")
    }

    /// What no agent could start with is refused, all of it at once and by its path.
    @Test func wrongValuesAreRefused() throws {
        let text = "{concurrency: many, interceptionMode: redirect, drainDuration: soon, hodl: true}"
        let error = #expect(throws: InjectionError.self) {
            try injected(pod(annotations: ["proxy.istio.io/config": text]), try settings())
        }
        let path = "metadata.annotations[\"proxy.istio.io/config\"]"
        #expect(
            error?.diagnostics.map(\.path) == [
                "\(path).concurrency", "\(path).drainDuration", "\(path).interceptionMode",
            ])
    }
}
