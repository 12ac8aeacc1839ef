import ControllerRuntime
import KubernetesClient
package import KubernetesModel

/// What the control plane looks at of a webhook configuration.
package struct WebhookConfiguration: Keyed, Hashable {
    /// The field manager of control planes, as Istio's is called.
    package static let manager = "pilot-discovery"

    /// One webhook of it.
    package struct Webhook: Hashable, Sendable {
        package var name: String
        /// Base64 of PEM; empty: there is none.
        package var caBundle: String
        package var failurePolicy: String
        /// The revision that objects have to name for it to be asked; nil: it is asked about those that name none.
        package var revision: String?
        var bundle: Owners
        var policy: Owners
    }

    /// Who has a field.
    struct Owners: Hashable, Sendable {
        /// This control plane's manager applied it.
        var isOurs = false
        /// Somebody else applied it: he means it to be as it is.
        var isDeclared = false
    }

    package var key: ObjectKey
    package var uid: String
    /// Of the object, as the server counts.
    package var version: String
    /// `MutatingWebhookConfiguration` or `ValidatingWebhookConfiguration`.
    package var kind: String
    package var labels: [String: String]
    package var webhooks: [Webhook]

    package init(_ object: UnstructuredObject) {
        key = object.key
        uid = object.metadata.uid
        version = object.metadata.resourceVersion
        kind = object.kind
        labels = object.labels
        let entries = (object.json["metadata", "managedFields"]?.array ?? []).filter {
            $0["operation"]?.string == "Apply"
        }
        let applied = entries.map { $0["manager"]?.string ?? "" }.map { manager in
            (manager: manager, fields: FieldOwnership.applied(by: manager, in: object)?.0 ?? FieldOwnership())
        }
        webhooks = (object.json["webhooks"]?.array ?? []).map { webhook in
            let name = webhook["name"]?.string ?? ""
            func owners(_ path: String...) -> Owners {
                var owners = Owners()
                for entry in applied {
                    let own = entry.fields.fields["webhooks"]?.elements[["name": .string(name)]]
                    guard path.reduce(own, { $0?.fields[$1] }) != nil else { continue }
                    if entry.manager == Self.manager { owners.isOurs = true } else { owners.isDeclared = true }
                }
                return owners
            }
            return Webhook(
                name: name, caBundle: webhook["clientConfig", "caBundle"]?.string ?? "",
                failurePolicy: webhook["failurePolicy"]?.string ?? "", revision: Self.revision(of: webhook),
                bundle: owners("clientConfig", "caBundle"), policy: owners("failurePolicy"))
        }
    }

    package var reference: ObjectReference {
        ObjectReference(GroupKind(group: "admissionregistration.k8s.io", kind: kind), key)
    }

    private static func revision(of webhook: JSONValue) -> String? {
        let requirements = webhook["objectSelector", "matchExpressions"]?.array ?? []
        let naming = requirements.first { $0["key"]?.string == "istio.io/rev" && $0["operator"]?.string == "In" }
        return naming?["values"]?.array?.first?.string
    }
}
