package import KubernetesModel

extension WebhookConfiguration {
    /// What the control plane has to apply, all of its fields; nil if it is all there.
    ///
    /// - A webhook's `caBundle` is this mesh's, unless somebody declared another one.
    /// - Its `failurePolicy` stays what it was when the configuration came, so that whoever brought it need not send it
    ///   any more; one in `refusing` becomes `Fail`.
    ///
    /// - Parameters:
    ///   - caBundle: Base64 of PEM.
    ///   - refusing: Names of webhooks of which it is known that their server refuses what is wrong.
    ///   - isOwning: The fields have to be the control plane's, not only right.
    package func fields(
        caBundle: String, refusing: Set<String> = [], isOwning: Bool = true
    ) -> UnstructuredObject? {
        var isComplete = true
        let entries = webhooks.map { webhook -> JSONValue in
            var entry: JSONValue = ["name": .string(webhook.name)]
            if !webhook.keepsItsBundle(besides: caBundle) {
                entry["clientConfig"] = ["caBundle": .string(caBundle)]
                if webhook.caBundle != caBundle || isOwning && !webhook.bundle.isOurs { isComplete = false }
            }
            let policy = refusing.contains(webhook.name) ? "Fail" : webhook.failurePolicy
            entry["failurePolicy"] = .string(policy)
            if webhook.failurePolicy != policy || isOwning && !webhook.policy.isOurs { isComplete = false }
            return entry
        }
        guard !isComplete else { return nil }
        return UnstructuredObject([
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string(kind),
            "metadata": ["name": .string(key.name)], "webhooks": .array(entries),
        ])
    }
}

extension UnstructuredObject {
    /// A webhook configuration with fields laid over those of its webhooks of the same names.
    func layingOver(_ fields: UnstructuredObject) -> UnstructuredObject {
        var result = self
        let overlays = fields.json["webhooks"]?.array ?? []
        result.json["webhooks"] = .array(
            (json["webhooks"]?.array ?? []).map { webhook in
                overlays.first { $0["name"] == webhook["name"] }.map { webhook.merging($0) } ?? webhook
            })
        return result
    }
}

extension WebhookConfiguration.Webhook {
    /// Somebody says whom to trust, as one does whose server is behind another name.
    fileprivate func keepsItsBundle(besides ours: String) -> Bool {
        bundle.isDeclared && !caBundle.isEmpty && caBundle != ours
    }

    /// It lets everything in, whatever its server says.
    var isLenient: Bool { failurePolicy == "Ignore" }
}
