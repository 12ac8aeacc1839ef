import KubernetesModel

/// How Pods of Jobs come to their end.
///
/// Kubernetes ends native sidecars when the last container has ended. A classic sidecar has to see that for itself: the
/// Pod's containers share one process namespace, in which the agent sees whether a process of another container still
/// runs, and the agent ends after the last. Nothing is changed about the other containers, but their first process no
/// longer has the number 1; where a program insists on that, the Pod says `apus.dev/end-with-work: "false"` or
/// `shareProcessNamespace: false`. Other Pods that come to an end may say `"true"`.
enum EndOfWork {
    static let annotation = "apus.dev/end-with-work"
    /// The environment variable that tells the agent. Its value is the Pod's restart policy: after a failure, a container
    /// comes back within the kubelet's back-off if that is `OnFailure`.
    static let variable = "EXIT_WITH_APPLICATION"
}

extension AdaptedPod {
    /// Has a classic sidecar end with the other containers.
    mutating func endWithWork(_ context: TemplateContext) {
        guard !context.isNative, hasProxy else { return }
        let isJob = ["Job", "CronJob"].contains(context.workload.kind)
        let policy = spec["restartPolicy"]?.string ?? "Always"
        guard annotations[EndOfWork.annotation].map({ boolean($0.plainText) ?? false }) ?? isJob, policy != "Always",
            spec["shareProcessNamespace"] != false, spec["hostPID"] != true
        else { return }
        spec["shareProcessNamespace"] = true
        withProxy { $0.setVariable(EndOfWork.variable, policy) }
    }
}
