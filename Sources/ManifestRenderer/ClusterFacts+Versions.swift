internal import KubernetesModel

extension ClusterFacts {
    /// What a cluster of this minor version serves of the kinds whose version is chosen here: for rendering without
    /// a cluster.
    package init(kubernetesMinor minor: Int) {
        let served = ClusterFacts.lifetimes.filter { $0.minors.contains(minor) }.map(\.resource.groupVersionKind)
        self.init(kubernetesMinor: minor, served: Set(served))
    }

    /// HorizontalPodAutoscaler in the newest version that the cluster serves and that is rendered.
    var horizontalPodAutoscalers: APIResource { newest(of: ClusterFacts.autoscalers) }

    /// PodDisruptionBudget in the newest version that the cluster serves and that is rendered.
    var podDisruptionBudgets: APIResource { newest(of: ClusterFacts.disruptionBudgets) }

    /// EndpointSlice in the newest version that the cluster serves and that is rendered.
    var endpointSlices: APIResource { newest(of: ClusterFacts.slices) }

    /// Version of ValidatingAdmissionPolicy and its binding; nil where the cluster has none.
    var admissionPolicyVersion: String? {
        ClusterFacts.policies.first { served.contains($0.resource.groupVersionKind) }?.resource.version
    }

    /// A version of a kind and the minor versions of Kubernetes that serve it.
    private typealias Lifetime = (resource: APIResource, minors: Range<Int>)

    private static let autoscalers: [Lifetime] = [
        (.horizontalPodAutoscalers("v2"), 23..<Int.max), (.horizontalPodAutoscalers("v2beta2"), 12..<26),
    ]
    private static let disruptionBudgets: [Lifetime] = [
        (.podDisruptionBudgets("v1"), 21..<Int.max), (.podDisruptionBudgets("v1beta1"), 5..<25),
    ]
    private static let slices: [Lifetime] = [
        (.endpointSlices("v1"), 21..<Int.max), (.endpointSlices("v1beta1"), 17..<25),
    ]
    /// The beta is off unless an administrator turns it on.
    private static let policies: [Lifetime] = [
        (.validatingAdmissionPolicies("v1"), 30..<Int.max), (.validatingAdmissionPolicies("v1beta1"), 0..<0),
    ]
    private static let lifetimes = autoscalers + disruptionBudgets + slices + policies

    /// Newest first. What is served decides; where nothing fitting is, the version of Kubernetes does.
    private func newest(of lifetimes: [Lifetime]) -> APIResource {
        let found =
            lifetimes.first { served.contains($0.resource.groupVersionKind) }
            ?? lifetimes.first { $0.minors.contains(kubernetesMinor) }
        return (found ?? lifetimes[0]).resource
    }
}
