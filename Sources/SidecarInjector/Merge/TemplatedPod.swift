import GoTemplate
import KubernetesModel
import YAML

/// A Pod with what the templates say about it.
struct TemplatedPod {
    /// The Pod.
    var pod: JSONValue
    /// What the templates say, by itself.
    var part: JSONValue
    var warnings: [String] = []
}

/// The Pod with the templates that it asks for, laid over it one after the other.
func templatedPod(_ original: OriginalPod, _ context: TemplateContext) throws(InjectionError) -> TemplatedPod {
    var result = TemplatedPod(pod: original.json, part: [:])
    var data: JSONValue?
    for name in context.settings.templateNames(for: context.annotations) {
        guard let template = context.settings.templates[name] else {
            let known = context.settings.templates.keys.sorted().joined(separator: ", ")
            let path = "metadata.annotations[\"inject.istio.io/templates\"]"
            throw InjectionError(diagnostics: [
                Diagnostic(path: path, message: "there is no template \"\(name)\"; known are \(known)")
            ])
        }
        var overlay: JSONValue
        switch template {
        case .builtIn(let builtIn): overlay = context.pod(of: builtIn)
        case .text(let text):
            let seen = data ?? context.templateData
            data = seen
            overlay = try rendered(text, named: name, with: seen)
        }
        overlay = overlay.movingContainers(toThoseOf: result.part)
        result.part = strategicallyMerged(result.part, with: overlay)
        result.pod = strategicallyMerged(result.pod, with: overlay)
    }
    for list in ["containers", "initContainers"] {
        let made = (result.part["spec"]?[list]?.array ?? []).compactMap { $0["name"] }
        let other = list == "containers" ? "initContainers" : "containers"
        guard !made.isEmpty, var others = result.pod["spec"]?[other]?.array else { continue }
        let count = others.count
        others.removeAll { made.contains($0["name"] ?? .null) }
        if others.count != count { result.pod["spec", other] = .array(others) }
    }
    return result
}

private func rendered(_ template: GoTemplate, named name: String, with data: JSONValue) throws(InjectionError)
    -> JSONValue
{
    let path = "config.templates.\(name)"
    do {
        let text = try template.render(with: data)
        let documents = try JSONValue.documents(yaml: text)
        let overlay = documents.first ?? [:]
        guard documents.count < 2, overlay.object != nil || overlay.isNull else {
            throw InjectionError(diagnostics: [Diagnostic(path: path, message: "does not give one part of a Pod")])
        }
        return overlay.isNull ? [:] : overlay
    } catch let error as InjectionError {
        throw error
    } catch {
        throw InjectionError(diagnostics: [Diagnostic(path: path, message: "\(error)")])
    }
}

extension InjectionSettings {
    /// The templates that a Pod asks for, or else the default ones.
    func templateNames(for annotations: [String: String]) -> [String] {
        var names = defaultTemplates
        if let asked = annotations["inject.istio.io/templates"] {
            names = asked.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { !$0.isWhitespace } }
        }
        return names.flatMap { aliases[$0] ?? [$0] }
    }
}

extension TemplateContext {
    /// What a built-in template says about the Pod.
    func pod(of template: BuiltInTemplate) -> JSONValue {
        switch template {
        case .sidecar: sidecarPod()
        case .gateway: gatewayPod()
        case .proxylessGRPC: proxylessPod()
        case .agentForGRPC: agentPod()
        }
    }
}

extension JSONValue {
    /// This part of a Pod with its containers in the lists in which an earlier part has them: a template that adds to the
    /// proxy's container need not know whether the proxy is a native sidecar.
    func movingContainers(toThoseOf earlier: JSONValue) -> JSONValue {
        guard earlier != [:] else { return self }
        var moved = self
        for (list, other) in [("containers", "initContainers"), ("initContainers", "containers")] {
            let names = (earlier["spec"]?[other]?.array ?? []).compactMap { $0["name"] }
            guard let own = moved["spec"]?[list]?.array, own.contains(where: { names.contains($0["name"] ?? .null) })
            else { continue }
            let (movers, stayers) = (
                own.filter { names.contains($0["name"] ?? .null) }, own.filter { !names.contains($0["name"] ?? .null) }
            )
            moved["spec", list] = stayers.isEmpty ? .none : .array(stayers)
            moved["spec", other] = .array((moved["spec"]?[other]?.array ?? []) + movers)
        }
        return moved
    }
}
