package import KubernetesModel

extension UnstructuredObject {
    /// The field manager of control planes.
    private static let controlPlane = "pilot-discovery"

    /// A webhook configuration without what the control plane keeps in `live` by now: whom its webhooks trust, and what
    /// happens when they do not answer. Any other object as it is.
    ///
    /// Whoever installs sends these fields until they are the control plane's, and never again: from then on two would
    /// each write what the other one has just changed.
    package func leavingWebhookFields(toOthersIn live: UnstructuredObject) -> UnstructuredObject {
        guard isWebhookConfiguration, let webhooks = json["webhooks"]?.array,
            let (owned, _) = FieldOwnership.applied(by: Self.controlPlane, in: live)
        else { return self }
        var result = self
        result.json["webhooks"] = .array(
            webhooks.map { webhook in
                guard let name = webhook["name"], let own = owned.fields["webhooks"]?.elements[["name": name]] else {
                    return webhook
                }
                var webhook = webhook
                if own.fields["failurePolicy"] != nil { webhook["failurePolicy"] = nil }
                if own.fields["clientConfig"]?.fields["caBundle"] != nil { webhook["clientConfig", "caBundle"] = nil }
                return webhook
            })
        return result
    }

    /// A merge patch that takes out of `live` the webhooks that are not desired any more; nil if there are none.
    ///
    /// The control plane's fields in them would keep them, and they are no webhooks without the others.
    func patchRemovingSurplusWebhooks(from live: UnstructuredObject) -> JSONValue? {
        guard isWebhookConfiguration, let present = live.json["webhooks"]?.array else { return nil }
        let names = Set((json["webhooks"]?.array ?? []).compactMap { $0["name"] })
        let kept = present.filter { webhook in webhook["name"].map { names.contains($0) } ?? false }
        if kept.count == present.count { return nil }
        return ["webhooks": .array(kept)]
    }

    private var isWebhookConfiguration: Bool {
        ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].contains(kind)
    }
}
