import KubernetesModel
import Testing

@testable import SidecarInjector

/// Namespaces of OpenShift say whom their Pods may run as.
@Suite struct ProxyAccountTests {
    private static let users = "openshift.io/sa.scc.uid-range"
    private static let groups = "openshift.io/sa.scc.supplemental-groups"

    @Test(
        arguments: [
            (
                [users: "1000620000/10000", groups: "1000620000/10000"],
                ProxyAccount(user: 1_000_629_999, group: 1_000_629_999)
            ),
            ([users: "100-200", groups: "5/1, 7/9"], ProxyAccount(user: 200, group: 5)),
            ([users: "100/100"], ProxyAccount(user: 199, group: 199)),
            ([users: "100/1", groups: "x"], ProxyAccount(user: 100, group: 100)),
            ([groups: "100/100"], nil), ([:], nil), ([users: "x"], nil), ([users: "5/0"], nil), ([users: "9-5"], nil),
            ([users: "9223372036854775807/9"], nil), ([users: "-5/9"], nil),
            ([users: "5/-9223372036854775808"], nil), ([users: "5--9223372036854775808"], nil), ([users: "/"], nil),
        ] as [([String: String], ProxyAccount?)])
    func theLastOfEachRangeIsTheProxys(_ annotations: [String: String], _ expected: ProxyAccount?) {
        #expect(ProxyAccount(namespaceAnnotations: annotations) == expected)
    }

    private let account = ProxyAccount(user: 199, group: 299)

    private func injected(_ pod: JSONValue, byPlugin: Bool = true) throws -> JSONValue {
        let settings = try settings(["pilot": ["cni": ["enabled": .bool(byPlugin)]]])
        let request = InjectionRequest(pod: pod, namespace: "default", account: account)
        guard case .injected(let result, _) = try injection(of: request, with: settings) else {
            throw InjectionError(diagnostics: [])
        }
        // Injecting it again changes nothing.
        let again = InjectionRequest(pod: result, namespace: "default", account: account)
        #expect(try injection(of: again, with: settings) == .injected(pod: result, warnings: []))
        return result
    }

    private func user(_ pod: JSONValue, _ container: String = "istio-proxy") -> [Int64?] {
        let context = pod.container(container)?["securityContext"]
        return [context?["runAsUser"]?.integer, context?["runAsGroup"]?.integer]
    }

    @Test func theProxyRunsAsThatUser() throws {
        let app: JSONValue = ["name": "app", "image": "a", "securityContext": ["runAsUser": 100]]
        let result = try injected(pod([app]))
        #expect(user(result) == [199, 299])
        #expect(user(result, "istio-validation") == [199, 299])
        #expect(user(result, "app") == [100, nil])
        let arguments = result.container("istio-validation")?["args"]?.array ?? []
        #expect(arguments.firstIndex(of: "-u").map { arguments[$0 + 1] } == "199")
    }

    /// OpenShift has written the application's user into the person's own container of the proxy as well.
    @Test func theApplicationsUserIsNotTheProxys() throws {
        func containers(_ proxy: Int64) -> [JSONValue] {
            [
                ["name": "app", "image": "a", "securityContext": ["runAsUser": 100]],
                [
                    "name": "istio-proxy", "image": "auto",
                    "securityContext": ["runAsUser": .integer(proxy), "readOnlyRootFilesystem": false],
                ],
            ]
        }
        let result = try injected(pod(containers(100)))
        #expect(user(result) == [199, 299])
        #expect(result.container("istio-proxy")?["securityContext"]?["readOnlyRootFilesystem"] == false)
        #expect(user(try injected(pod(containers(150)))) == [150, 299])
    }

    @Test func whoTakesPacketsForAnyAddressIsRoot() throws {
        let result = try injected(pod(annotations: ["sidecar.istio.io/interceptionMode": "TPROXY"]), byPlugin: false)
        #expect(user(result) == [0, 1337])
    }
}
