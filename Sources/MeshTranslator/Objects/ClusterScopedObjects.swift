package import KubernetesModel

/// What is read of a Node: its labels.
package struct NodeObject: KubernetesObject, Hashable {
    package var metadata: ObjectMeta

    package init(metadata: ObjectMeta) { self.metadata = metadata }
}

/// What is read of a Namespace: its labels.
package struct NamespaceObject: KubernetesObject, Hashable {
    package var metadata: ObjectMeta

    package init(metadata: ObjectMeta) { self.metadata = metadata }
}
