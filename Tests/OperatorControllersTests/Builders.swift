import FoundationEssentials
import IstioAPI
import KubernetesModel
import ManifestRenderer
import OperatorControllers

/// The kinds of a present-day cluster.
let facts = ClusterFacts(
    kubernetesMinor: 30,
    served: Set(renderedResources().map(\.groupVersionKind).filter { !$0.version.contains("beta") }))

/// What a spec leads to.
func rendered(_ spec: JSONValue, owner: ObjectKey = ObjectKey(namespace: "ns", name: "mesh")) throws
    -> RenderedManifests
{
    try manifests(for: RenderInput(owner: owner, spec: IstioOperatorSpec.read(spec).spec, facts: facts))
}

/// Manifests that stand for nothing but their names.
func install(_ references: [ObjectReference], revision: String = "default", withControlPlane: Bool = false)
    -> RenderedManifests
{
    RenderedManifests(
        manifests: references.map { Manifest(component: .ingressGateways, object: object($0)) },
        istioNamespace: "istio-system", revision: revision,
        enabledComponents: withControlPlane ? [.pilot] : [.ingressGateways], warnings: [])
}

func object(_ reference: ObjectReference, _ fields: JSONValue = [:]) -> UnstructuredObject {
    let group = reference.groupKind.group
    let json: JSONValue = [
        "apiVersion": .string(group.isEmpty ? "v1" : "\(group)/v1"), "kind": .string(reference.groupKind.kind),
        "metadata": ["name": .string(reference.key.name), "namespace": .string(reference.key.namespace)],
    ]
    return UnstructuredObject(json.merging(fields))
}

/// An installed object of this owner; nil: a shared one.
func owned(
    _ reference: ObjectReference, by owner: ObjectKey?, component: Component = .pilot, revision: String = "default",
    isBeingDeleted: Bool = false
) -> OwnedObject {
    var labels: [String: String] = ["operator.istio.io/component": component.rawValue, "istio.io/rev": revision]
    labels["install.operator.istio.io/owning-resource"] = owner?.name ?? "shared"
    if let owner { labels["install.operator.istio.io/owning-resource-namespace"] = owner.namespace }
    var json = object(reference)
    json.json["metadata", "labels"] = JSONValue(labels)
    if isBeingDeleted { json.json["metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    return OwnedObject(json)
}

extension ObjectReference {
    static func deployment(_ name: String, in namespace: String = "istio-system") -> ObjectReference {
        ObjectReference(APIResource.deployments.groupKind, ObjectKey(namespace: namespace, name: name))
    }
    static func configMap(_ name: String, in namespace: String = "istio-system") -> ObjectReference {
        ObjectReference(APIResource.configMaps.groupKind, ObjectKey(namespace: namespace, name: name))
    }
    static func namespace(_ name: String) -> ObjectReference {
        ObjectReference(APIResource.namespaces.groupKind, ObjectKey(name: name))
    }
    static func definition(_ name: String) -> ObjectReference {
        ObjectReference(APIResource.customResourceDefinitions.groupKind, ObjectKey(name: name))
    }
}
