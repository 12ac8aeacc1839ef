package import KubernetesClient
import KubernetesModel

/// Whether a validating webhook really refuses what is wrong: only then it may become one without which nothing goes.
package struct ValidationProof: Sendable {
    private let client: KubernetesClient
    private let namespace: String

    /// - Parameter namespace: Where the control plane runs, and may create Gateways as a rehearsal.
    package init(client: KubernetesClient, namespace: String) {
        self.client = client
        self.namespace = namespace
    }

    /// Has the API server rehearse to create a Gateway without servers, which its definition allows and the mesh does
    /// not. Nothing is stored.
    ///
    /// - Returns: True if it was the webhook that refused it.
    package func holds(for webhook: WebhookConfiguration.Webhook) async throws -> Bool {
        do {
            _ = try await client.create(
                Self.gateways, probe(revision: webhook.revision), fieldManager: WebhookConfiguration.manager,
                dryRun: true)
            return false
        } catch let error as APIError where error.message.contains("admission webhook \"\(webhook.name)\" denied") {
            return true
        }
    }

    private func probe(revision: String?) -> UnstructuredObject {
        var gateway: JSONValue = [
            "apiVersion": .string(Self.gateways.apiVersion), "kind": .string(Self.gateways.kind),
            "metadata": ["name": "istio-validation-probe", "namespace": .string(namespace)],
            "spec": ["servers": []],
        ]
        if let revision { gateway["metadata", "labels"] = ["istio.io/rev": .string(revision)] }
        return UnstructuredObject(gateway)
    }

    /// In the version that every definition of Istio's, however old, has.
    static let gateways = APIResource(
        group: "networking.istio.io", version: "v1beta1", kind: "Gateway", plural: "gateways", isNamespaced: true)
}
