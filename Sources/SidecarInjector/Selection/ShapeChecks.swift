import KubernetesModel

/// What keeps a Pod from being read: parts of it that are something else than an API server takes. What is not read is
/// not checked.
func shapeFaults(_ pod: JSONValue) -> [Diagnostic] {
    var faults: [Diagnostic] = []
    func expectMap(_ json: JSONValue?, at path: String) {
        guard let json, !json.isNull, json.object == nil else { return }
        faults.append(Diagnostic(path: path, message: "must be a map"))
    }
    expectMap(pod["metadata"], at: "metadata")
    expectMap(pod["metadata"]?["labels"], at: "metadata.labels")
    expectMap(pod["metadata"]?["annotations"], at: "metadata.annotations")
    expectMap(pod["spec"], at: "spec")
    for list in ["containers", "initContainers", "volumes"] {
        let path = "spec.\(list)"
        guard let json = pod["spec"]?[list], !json.isNull else { continue }
        guard let elements = json.array else {
            faults.append(Diagnostic(path: path, message: "must be a list"))
            continue
        }
        for (index, element) in elements.enumerated() where element.object == nil {
            faults.append(Diagnostic(path: FieldPath.element(index, of: path), message: "must be a map"))
        }
    }
    return faults
}
