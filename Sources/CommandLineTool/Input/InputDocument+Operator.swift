import IstioAPI
import KubernetesModel
import ManifestRenderer
import ObjectPatching

extension InputDocument {
    /// This document if it is an IstioOperator. One that has a `spec` and does not say its kind is taken for one.
    var asOperator: InputDocument? {
        if object.kind == "IstioOperator" { return self }
        guard object.kind.isEmpty, object.json["spec"] != nil else { return nil }
        guard object.apiVersion.isEmpty || object.groupVersionKind.group == CustomResource.istioOperator.group else {
            return nil
        }
        var document = self
        document.object.json["kind"] = "IstioOperator"
        return document
    }

    /// Why it is not looked at. It may well stand beside an IstioOperator, unless it holds what belongs into one.
    var whyNoOperator: Finding {
        guard object.kind.isEmpty else {
            return Finding(
                .note, at: place(of: "kind"), subject: subject,
                "passed over: only IstioOperators are looked at here; apply other objects with kubectl")
        }
        let fields = (object.json.object ?? [:]).keys.filter {
            Schema.istioOperatorSpec.schema(at: [.field($0)]) != nil
        }
        let hint = fields.isEmpty ? "" : ", and \(fields.sorted().joined(separator: ", ")) below its spec"
        return Finding(
            fields.isEmpty ? .note : .error, at: place(of: ""),
            "has no kind; an IstioOperator has apiVersion: install.istio.io/v1alpha1 and kind: IstioOperator\(hint)")
    }

    /// An IstioOperator of another version is read all the same.
    var doubts: [Finding] {
        let current = CustomResource.istioOperator
        let versions = current.versions.map { "\(current.group)/\($0.name)" }
        guard !object.apiVersion.isEmpty, !versions.contains(object.apiVersion) else { return [] }
        let message =
            "apiVersion: there is no \(object.apiVersion) of IstioOperator; it is read as "
            + versions.joined(separator: ", ")
        return [Finding(.warning, at: place(of: "apiVersion"), subject: subject, message)]
    }
}
