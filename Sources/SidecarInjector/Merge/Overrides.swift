import KubernetesModel

/// What a person wrote about containers that templates make: it counts more than what the templates say. The annotation
/// keeps it for the next injection, when the Pod no longer shows what was whose.
struct Overrides {
    static let annotation = "proxy.istio.io/overrides"

    var containers: [JSONValue] = []
    var initContainers: [JSONValue] = []

    init() {}

    init?(parsing text: String) {
        guard let json = try? JSONValue(parsing: text), json.object != nil else { return nil }
        containers = json["containers"]?.array ?? []
        initContainers = json["initContainers"]?.array ?? []
    }

    var isEmpty: Bool { containers.isEmpty && initContainers.isEmpty }

    var text: String {
        var lists: [String: JSONValue] = [:]
        if !containers.isEmpty { lists["containers"] = .array(containers) }
        if !initContainers.isEmpty { lists["initContainers"] = .array(initContainers) }
        return JSONValue.object(lists).jsonText
    }

    func container(_ name: JSONValue) -> JSONValue? {
        initContainers.first { $0["name"] == name } ?? containers.first { $0["name"] == name }
    }
}

/// The Pod in which the person's own containers count more than those of the templates, and what they are.
func reapplyingOverrides(
    _ templated: TemplatedPod, of original: OriginalPod, _ context: TemplateContext
) -> (pod: JSONValue, overrides: Overrides) {
    var pod = templated.pod
    var found = Overrides()
    for list in ["containers", "initContainers"] {
        for made in templated.part["spec"]?[list]?.array ?? [] {
            guard let name = made["name"],
                var own = original.overrides.container(name)
                    ?? name.string.flatMap({ original.container($0)?.container })
            else { continue }
            if own["image"] == "auto" || own["image"] == "" { own["image"] = nil }
            if list == "containers" {
                own["restartPolicy"] = nil
                found.containers.append(own)
            } else {
                found.initContainers.append(own)
            }
            if name.string == proxyContainerName, context.interceptionMode == "TPROXY" {
                // Only root may take packets for any address.
                for field in ["runAsUser", "runAsNonRoot"] where own["securityContext"]?[field] != nil {
                    own["securityContext", field] = nil
                }
            }
            pod = strategicallyMerged(pod, with: ["spec": .object([list: [own]])])
        }
    }
    return (pod, found)
}
