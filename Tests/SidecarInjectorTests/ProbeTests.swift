import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct ProbeTests {
    static let application: JSONValue = [
        "name": "app", "ports": [["name": "web", "containerPort": 8080]],
        "livenessProbe": ["httpGet": ["port": "web", "scheme": "HTTPS", "path": "/live"], "periodSeconds": 3],
        "readinessProbe": ["grpc": ["port": 9000, "service": "s"], "timeoutSeconds": 7],
        "startupProbe": ["exec": ["command": ["true"]]],
        "lifecycle": ["preStop": ["tcpSocket": ["port": 81]], "postStart": ["exec": ["command": ["true"]]]],
    ]

    @Test func theAgentMakesThem() throws {
        let result = try #require(try injected(pod([Self.application]), try settings()))
        let container = try #require(result.container("app"))
        #expect(
            container["livenessProbe"] == [
                "httpGet": ["path": "/app-health/app/livez", "port": 15020, "scheme": "HTTP"], "periodSeconds": 3,
            ])
        #expect(
            container["readinessProbe"] == [
                "httpGet": ["path": "/app-health/app/readyz", "port": 15020], "timeoutSeconds": 7,
            ])
        #expect(container["startupProbe"] == Self.application["startupProbe"])
        #expect(
            container["lifecycle"] == [
                "preStop": ["httpGet": ["path": "/app-lifecycle/app/prestopz", "port": 15020]],
                "postStart": ["exec": ["command": ["true"]]],
            ])
        let told = try #require(result.container("istio-proxy")?.variableText("ISTIO_KUBE_APP_PROBERS"))
        #expect(
            try JSONValue(parsing: told) == [
                "/app-health/app/livez": ["httpGet": ["port": 8080, "scheme": "HTTPS", "path": "/live"]],
                "/app-health/app/readyz": ["grpc": ["port": 9000, "service": "s"], "timeoutSeconds": 7],
                "/app-lifecycle/app/prestopz": ["tcpSocket": ["port": 81]],
            ])
    }

    @Test func theyStayWhereThePodWantsIt() throws {
        let pod = pod([Self.application], annotations: ["sidecar.istio.io/rewriteAppHTTPProbers": "false"])
        let result = try #require(try injected(pod, try settings()))
        #expect(result.container("app")?["livenessProbe"] == Self.application["livenessProbe"])
        #expect(result.container("istio-proxy")?.variableText("ISTIO_KUBE_APP_PROBERS") == nil)
    }

    @Test func aPortThatNoContainerNamesStays() throws {
        let probe: JSONValue = ["httpGet": ["port": "nowhere"]]
        let result = try #require(try injected(pod([["name": "app", "livenessProbe": probe]]), try settings()))
        #expect(result.container("app")?["livenessProbe"] == probe)
    }

    @Test func aNewProbeIsAddedToThoseOfAnEarlierInjection() throws {
        var first = try #require(try injected(pod([Self.application]), try settings()))
        let added: JSONValue = ["name": "new", "livenessProbe": ["tcpSocket": ["port": 5]]]
        first["spec", "containers"] = .array((first["spec"]?["containers"]?.array ?? []) + [added])
        let second = try #require(try injected(first, try settings()))
        let told = try #require(second.container("istio-proxy")?.variableText("ISTIO_KUBE_APP_PROBERS"))
        #expect(
            try JSONValue(parsing: told).object?.keys.sorted() == [
                "/app-health/app/livez", "/app-health/app/readyz", "/app-health/new/livez",
                "/app-lifecycle/app/prestopz",
            ])
    }
}
