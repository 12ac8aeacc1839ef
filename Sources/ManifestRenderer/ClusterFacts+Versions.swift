internal import KubernetesModel

extension ClusterFacts {
    /// What a cluster of this minor version serves of the kinds whose version is chosen here: for rendering without
    /// a cluster.
    package init(kubernetesMinor minor: Int) {
        let lifetimes = ClusterFacts.autoscalers + ClusterFacts.disruptionBudgets
        let served = lifetimes.filter { $0.minors.contains(minor) }.map(\.resource.groupVersionKind)
        self.init(kubernetesMinor: minor, served: Set(served))
    }

    /// HorizontalPodAutoscaler in the newest version that the cluster serves and that is rendered.
    var horizontalPodAutoscalers: APIResource { newest(of: ClusterFacts.autoscalers) }

    /// PodDisruptionBudget in the newest version that the cluster serves and that is rendered.
    var podDisruptionBudgets: APIResource { newest(of: ClusterFacts.disruptionBudgets) }

    /// A version of a kind and the minor versions of Kubernetes that serve it.
    private typealias Lifetime = (resource: APIResource, minors: Range<Int>)

    private static let autoscalers: [Lifetime] = [
        (.horizontalPodAutoscalers("v2"), 23..<Int.max), (.horizontalPodAutoscalers("v2beta2"), 12..<26),
    ]
    private static let disruptionBudgets: [Lifetime] = [
        (.podDisruptionBudgets("v1"), 21..<Int.max), (.podDisruptionBudgets("v1beta1"), 5..<25),
    ]

    /// Newest first. What is served decides; where nothing fitting is, the version of Kubernetes does.
    private func newest(of lifetimes: [Lifetime]) -> APIResource {
        let found =
            lifetimes.first { served.contains($0.resource.groupVersionKind) }
            ?? lifetimes.first { $0.minors.contains(kubernetesMinor) }
        return (found ?? lifetimes[0]).resource
    }
}
