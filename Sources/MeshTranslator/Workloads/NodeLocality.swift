import KubernetesModel
package import MeshModel

/// Where a node is, as its labels say.
package func locality(of node: NodeObject) -> Locality {
    let labels = node.metadata.labels
    return Locality(
        region: labels["topology.kubernetes.io/region"] ?? labels["failure-domain.beta.kubernetes.io/region"] ?? "",
        zone: labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"] ?? "",
        subzone: labels["topology.istio.io/subzone"] ?? "")
}
