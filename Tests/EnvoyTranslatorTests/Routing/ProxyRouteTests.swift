import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Routes of HTTP proxies")
struct ProxyRouteTests {
    private static let services = """
        {apiVersion: v1, kind: Service, metadata: {name: web, namespace: default},
         spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}, {name: http-admin, port: 8080}, {name: tcp, port: 90}]}}
        ---
        {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: default},
         spec: {hosts: [web], http: [{name: routed, route: [{destination: {host: web}}]}]}}
        """

    private func check(_ routes: Envoy_Config_Route_V3_RouteConfiguration?) throws {
        let routes = try #require(routes)
        #expect(!routes.ignorePortInHostMatching)
        #expect(
            routes.virtualHosts.map(\.name) == [
                "web.default.svc.cluster.local:80", "web.default.svc.cluster.local:8080", "allow_any",
            ])
        #expect(routes.virtualHosts[0].domains.contains("web") && routes.virtualHosts[0].domains.contains("web:80"))
        #expect(routes.virtualHosts[1].domains.contains("web:8080") && !routes.virtualHosts[1].domains.contains("web"))
        #expect(routes.virtualHosts[1].routes.map(\.name) == ["routed"])
        #expect(
            routes.virtualHosts[1].routes[0].route.cluster == "outbound|8080||web.default.svc.cluster.local")
    }

    @Test("A mesh can have an HTTP proxy in every sidecar, with the hosts of all ports")
    func meshWide() throws {
        let mesh = """
            \(Self.services)
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: "proxyHttpPort: 15007"}}
            """
        let resources = try RoutedMesh(mesh).resources()
        let listener = try #require(resources.listener("127.0.0.1_15007"))
        #expect(!listener.hasBindToPort || listener.bindToPort.value)
        #expect(listener.filterChains.first?.connectionManager?.rds.routeConfigName == "http_proxy")
        try check(resources.routes("http_proxy"))
        if EnvoyProgram.path != nil {
            let verdict = try EnvoyProgram.validate(try .containing(resources))
            #expect(verdict.isValid, "\(verdict.output)")
        }
    }

    @Test("A Sidecar can ask for one")
    func sidecar() throws {
        let mesh = """
            \(Self.services)
            ---
            {apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default, namespace: default},
             spec: {egress: [{port: {number: 3128, protocol: HTTP_PROXY, name: proxy}, bind: 127.0.0.1, hosts: ["./*"]}]}}
            """
        let resources = try RoutedMesh(mesh).resources()
        #expect(resources.listener("127.0.0.1_3128") != nil)
        try check(resources.routes("3128"))
    }
}
