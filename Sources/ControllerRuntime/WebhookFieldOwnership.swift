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
        mappingWebhooks { webhook in
            let owned = live.ownership(ofWebhook: webhook, by: Self.controlPlane)
            var webhook = webhook
            if owned.contains(where: { $0.fields["failurePolicy"] != nil }) { webhook["failurePolicy"] = nil }
            if owned.contains(where: \.hasBundle) { webhook["clientConfig", "caBundle"] = nil }
            return webhook
        }
    }

    /// A webhook configuration that says whom its webhooks trust from the moment on at which they are asked: until the
    /// control plane has made that its own, an API server could only refuse what they are about.
    ///
    /// What a webhook trusts by itself stays, and so does what anybody else has said of one that is there.
    ///
    /// - Parameters:
    ///   - caBundle: Base64 of PEM; nil: nobody knows, and what `manager` has said before stays.
    ///   - live: What is there; nil: nothing.
    ///   - manager: Who is about to apply it.
    package func trusting(
        _ caBundle: String?, over live: UnstructuredObject?, as manager: String
    ) -> UnstructuredObject {
        mappingWebhooks { webhook in
            guard (webhook["clientConfig", "caBundle"]?.string ?? "").isEmpty else { return webhook }
            let present = live?.json["webhooks"]?.array?.first { $0["name"] == webhook["name"] }
            if let live, present != nil {
                let isMine = live.ownership(ofWebhook: webhook, by: manager).contains(where: \.hasBundle)
                let isTaken = live.ownership(ofWebhook: webhook, by: Self.controlPlane).contains(where: \.hasBundle)
                guard isMine, !isTaken else { return webhook }
            }
            guard let bundle = caBundle.map(JSONValue.string) ?? present?["clientConfig", "caBundle"] else {
                return webhook
            }
            var webhook = webhook
            webhook["clientConfig", "caBundle"] = bundle
            return webhook
        }
    }

    private func mappingWebhooks(_ transform: (JSONValue) -> JSONValue) -> UnstructuredObject {
        guard isWebhookConfiguration, let webhooks = json["webhooks"]?.array else { return self }
        var result = self
        result.json["webhooks"] = .array(webhooks.map(transform))
        return result
    }

    private func ownership(ofWebhook webhook: JSONValue, by manager: String) -> [FieldOwnership] {
        guard let name = webhook["name"] else { return [] }
        return FieldOwnership.owned(by: manager, in: self).compactMap {
            $0.fields["webhooks"]?.elements[["name": name]]
        }
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

extension FieldOwnership {
    /// Of a webhook: whom it trusts is owned.
    fileprivate var hasBundle: Bool { fields["clientConfig"]?.fields["caBundle"] != nil }
}
