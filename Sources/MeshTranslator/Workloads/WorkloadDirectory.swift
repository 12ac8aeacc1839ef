import Dataflow
package import KubernetesModel
package import MeshModel

/// All workloads, by Pod and by address.
package struct WorkloadDirectory: Hashable, Sendable {
    package private(set) var byPod: [ObjectKey: Workload] = [:]
    /// Those that have their addresses for themselves.
    package private(set) var byAddress: [String: Workload] = [:]
    private var podsInNamespace = Index<String, ObjectKey>()
    /// Pods by address, for the moments at which two have the same.
    private var podsAtAddress = Index<String, ObjectKey>()

    package init() {}

    package init(_ workloads: [ObjectKey: Workload]) {
        for (key, workload) in workloads { self[key] = workload }
    }

    /// The workload of a Pod; nil removes it.
    package subscript(_ pod: ObjectKey) -> Workload? {
        get { byPod[pod] }
        set {
            let old = byPod[pod]
            guard old != newValue else { return }
            byPod[pod] = newValue
            if newValue == nil {
                podsInNamespace.remove(pod, at: pod.namespace)
            } else {
                podsInNamespace.insert(pod, at: pod.namespace)
            }
            let left = old.map { $0.usesHostNetwork ? [] : $0.addresses } ?? []
            let taken = newValue.map { $0.usesHostNetwork ? [] : $0.addresses } ?? []
            for address in left where !taken.contains(address) { podsAtAddress.remove(pod, at: address) }
            for address in taken { podsAtAddress.insert(pod, at: address) }
            for address in Set(left + taken) { resolve(address) }
        }
    }

    /// The workloads of a namespace's Pods that are wanted, by name.
    package func workloads(in namespace: String, where isWanted: (Workload) -> Bool) -> [Workload] {
        podsInNamespace[namespace].compactMap { byPod[$0] }.filter(isWanted).sorted { $0.name < $1.name }
    }

    private mutating func resolve(_ address: String) {
        byAddress[address] = podsAtAddress[address].compactMap { byPod[$0] }.min(by: Self.isRather)
    }

    /// Which of two workloads an address belongs to, while both say so: the one that stays, then the one that is
    /// ready, then by name.
    private static func isRather(_ left: Workload, _ right: Workload) -> Bool {
        if left.isBeingDeleted != right.isBeingDeleted { return right.isBeingDeleted }
        if left.isReady != right.isReady { return left.isReady }
        return (left.namespace, left.name) < (right.namespace, right.name)
    }
}
