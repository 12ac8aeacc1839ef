package import KubernetesModel

/// What the control plane has to write into a webhook configuration.
package struct WebhookChange: Hashable {
    /// All of its fields, to be applied; nil if they are there.
    package var fields: UnstructuredObject?
    /// Certificates are accepted that the mesh does not trust any more: servers that have not heard of its new root yet
    /// still show such.
    package var hasFormerRoots = false
    /// A `caBundle` would be another one in which somebody else's certificates are.
    package var isOverOthers = false
}

extension WebhookConfiguration {
    /// What the control plane has to apply.
    ///
    /// - A webhook's `caBundle` is this mesh's, unless somebody declared another one. A new root joins the former one at
    ///   first, for not every replica's server shows a certificate of the new one in the same moment.
    /// - Its `failurePolicy` stays what it was when the configuration came, so that whoever brought it need not send it
    ///   any more; one in `refusing` becomes `Fail`.
    ///
    /// - Parameters:
    ///   - bundle: This mesh's.
    ///   - refusing: Names of webhooks of which it is known that their server refuses what is wrong.
    ///   - isOwning: The fields have to be the control plane's, not only right.
    ///   - keepsFormerRoots: Whether what the control plane wrote before is still accepted.
    ///   - own: All certificates that have been this mesh's; nil: those of its bundle.
    package func change(
        to bundle: CABundle, refusing: Set<String> = [], isOwning: Bool = true, keepsFormerRoots: Bool = true,
        own: CABundle? = nil
    ) -> WebhookChange {
        var result = WebhookChange()
        var isComplete = true
        let entries = webhooks.map { webhook -> JSONValue in
            var entry: JSONValue = ["name": .string(webhook.name)]
            if !webhook.keepsItsBundle(besides: bundle) {
                let wanted = webhook.bundle(wanted: bundle, keepsFormerRoots: keepsFormerRoots, isOwning: isOwning)
                entry["clientConfig"] = ["caBundle": .string(wanted.text)]
                if !bundle.covers(wanted) { result.hasFormerRoots = true }
                if webhook.caBundle != wanted.text || isOwning && !webhook.bundle.isOurs { isComplete = false }
                if webhook.caBundle != wanted.text, !(own ?? bundle).covers(CABundle(webhook.caBundle)) {
                    result.isOverOthers = true
                }
            }
            let policy = refusing.contains(webhook.name) ? "Fail" : webhook.failurePolicy
            entry["failurePolicy"] = .string(policy)
            if webhook.failurePolicy != policy || isOwning && !webhook.policy.isOurs { isComplete = false }
            return entry
        }
        guard !isComplete else { return result }
        result.fields = UnstructuredObject([
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string(kind),
            "metadata": ["name": .string(key.name)], "webhooks": .array(entries),
        ])
        return result
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
    /// Somebody says whom to trust, as one does whose server is behind another name. Who says no more than the mesh does
    /// has read it there, to have something until the control plane comes.
    fileprivate func keepsItsBundle(besides ours: CABundle) -> Bool {
        bundle.isDeclared && !bundle.isOurs && !caBundle.isEmpty && !ours.covers(CABundle(caBundle))
    }

    /// Whom it has to trust now.
    fileprivate func bundle(wanted ours: CABundle, keepsFormerRoots: Bool, isOwning: Bool) -> CABundle {
        let present = CABundle(caBundle)
        guard !caBundle.isEmpty else { return ours }
        if present.covers(ours), ours.covers(present) { return present }
        // Where nobody owns fields nobody knows who wrote this; it had better go at once.
        guard keepsFormerRoots, isOwning, bundle.isOurs else { return ours }
        return present.covers(ours) ? present : ours.merged(with: present)
    }

    /// It lets everything in, whatever its server says.
    var isLenient: Bool { failurePolicy == "Ignore" }
}
