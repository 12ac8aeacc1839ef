package import KubernetesModel
import MeshModel

/// What is read of a Node: its labels.
package struct NodeObject: KubernetesObject, Hashable {
    package var metadata: ObjectMeta

    package init(metadata: ObjectMeta) { self.metadata = metadata }
}

/// What is read of a Namespace: its labels, and how calls of its Services are distributed.
package struct NamespaceObject: KubernetesObject, Hashable {
    package var metadata: ObjectMeta

    package init(metadata: ObjectMeta) { self.metadata = metadata }

    /// The annotations that are read.
    package static let annotations: Set<String> = [TrafficDistribution.annotation]

    /// What it says about its Services; nil for nothing.
    var trafficDistribution: String? { metadata.annotations[TrafficDistribution.annotation] }
}
