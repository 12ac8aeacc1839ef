import KubernetesTesting
import Testing

extension Trait where Self == ConditionTrait {
    /// Runs where a real API server can be had, and says why where not.
    static var realAPIServer: Self {
        .enabled(if: TestCluster.problem == nil, Comment(rawValue: TestCluster.problem ?? ""))
    }
}
