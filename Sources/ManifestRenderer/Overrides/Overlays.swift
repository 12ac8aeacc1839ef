internal import KubernetesModel
internal import ObjectPatching

/// Lays the `overlays` of a component over its objects: patches by path, in their order.
///
/// An object is found by kind and name; `apiVersion` does not matter. What cannot be done is an error at the patch.
func overlay(
    _ manifests: inout [Manifest], of component: Component, with overrides: JSONValue, at path: String,
    _ diagnostics: inout [Diagnostic]
) {
    for (index, overlay) in (overrides["overlays"]?.array ?? []).enumerated() {
        let path = "\(path).overlays[\(index)]"
        let kind = overlay["kind"]?.string ?? ""
        let name = overlay["name"]?.string ?? ""
        let found = manifests.firstIndex {
            $0.component == component && $0.reference.isNamed(kind, name)
        }
        guard let found else {
            let objects = manifests.filter { $0.component == component }.map(\.reference)
            let near = Spelling.nearest(
                to: "\(kind) \(name)", among: objects.map { "\($0.groupKind.kind) \($0.key.name)" })
            let kinds = objects.filter { $0.key.name == name }.map(\.groupKind.kind)
            let hint =
                near.map { "; did you mean \($0)?" }
                ?? (kinds.isEmpty ? "" : "; of that name it renders \(kinds.joined(separator: ", "))")
            diagnostics.append(
                Diagnostic(path: path, message: "the component renders no \(kind) \"\(name)\"\(hint)"))
            continue
        }
        for (number, patch) in (overlay["patches"]?.array ?? []).enumerated() {
            do {
                let steps = try OverlayPath(parsing: patch["path"]?.string ?? "", isOfOverlay: true)
                try manifests[found].object.json.apply(overlayValue(patch["value"], at: steps), at: steps)
            } catch {
                diagnostics.append(Diagnostic(path: "\(path).patches[\(number)].path", message: error.message))
            }
            let object = manifests[found].object
            if object.apiVersion.isEmpty || object.kind.isEmpty || object.name.isEmpty {
                let message = "leaves the object without apiVersion, kind or name, by which the cluster knows it"
                diagnostics.append(Diagnostic(path: "\(path).patches[\(number)].path", message: message))
                break
            }
        }
    }
}

extension ObjectReference {
    fileprivate func isNamed(_ kind: String, _ name: String) -> Bool { groupKind.kind == kind && key.name == name }
}
