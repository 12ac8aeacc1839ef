import KubernetesModel

/// The annotation that tells what an injection put into a Pod.
struct InjectionStatus {
    static let annotation = "sidecar.istio.io/status"

    var containers: [String]
    var initContainers: [String]

    init?(parsing text: String) {
        guard let json = try? JSONValue(parsing: text), json.object != nil else { return nil }
        containers = json["containers"]?.strings ?? []
        initContainers = json["initContainers"]?.strings ?? []
    }

    /// The annotation's text for the part of a Pod that templates made.
    static func text(of part: JSONValue, revision: String) -> String {
        func names(_ list: String) -> JSONValue {
            let names = (part["spec"]?[list]?.array ?? []).compactMap { $0["name"] }
            return names.isEmpty ? .null : .array(names)
        }
        let status: JSONValue = [
            "initContainers": names("initContainers"), "containers": names("containers"), "volumes": names("volumes"),
            "imagePullSecrets": names("imagePullSecrets"), "revision": .string(revision),
        ]
        return status.jsonText
    }
}
