import KubernetesModel

@testable import SidecarInjector

/// Settings as an install has them, with values laid over the defaults.
func settings(
    _ values: JSONValue = [:], config: JSONValue = [:], mesh: JSONValue = [:], isNative: Bool = true,
    environment: [String: String] = [:]
) throws -> InjectionSettings {
    let environment = environment.merging(["ENABLE_NATIVE_SIDECARS": String(isNative)]) { own, _ in own }
    return try InjectionSettings(
        config: config.jsonText, values: standardValues.merging(values).jsonText, meshConfig: mesh,
        facts: InjectionFacts(environment: environment))
}

let standardValues: JSONValue = [
    "global": [
        "hub": "registry.test/mesh", "tag": "1.0", "proxy": ["image": "proxyv2"],
        "proxy_init": ["image": "proxyv2"],
    ]
]

/// A Pod with one container.
func pod(
    _ containers: [JSONValue] = [["name": "app", "image": "app:1"]], annotations: [String: String] = [:],
    labels: [String: String] = ["app": "hello"], spec: JSONValue = [:]
) -> JSONValue {
    [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": "hello", "annotations": JSONValue(annotations), "labels": JSONValue(labels)],
        "spec": spec.merging(["containers": .array(containers)]),
    ]
}

/// The Pod with its sidecar; nil if it gets none.
func injected(
    _ pod: JSONValue, _ settings: InjectionSettings, namespace: String = "default",
    proxyEnvironment: [String: String] = [:]
) throws -> JSONValue? {
    let request = InjectionRequest(pod: pod, namespace: namespace, proxyEnvironment: proxyEnvironment)
    guard case .injected(let pod, _) = try injection(of: request, with: settings) else { return .none }
    return pod
}

extension JSONValue {
    func names(_ list: String) -> [String] { (self["spec"]?[list]?.array ?? []).compactMap { $0["name"]?.string } }

    func container(_ name: String) -> JSONValue? {
        ["containers", "initContainers"].compactMap { self["spec"]?[$0]?.array }.joined()
            .first { $0["name"]?.string == name }
    }

    func annotation(_ name: String) -> String? { self["metadata"]?["annotations"]?[name]?.string }
    func label(_ name: String) -> String? { self["metadata"]?["labels"]?[name]?.string }
}
