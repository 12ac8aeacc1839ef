import Dataflow
import KubernetesModel
import MeshModel

extension MeshTranslation {
    /// Takes over what changed in other clusters.
    mutating func updateRemotes(_ touched: inout Touched, settingsChanged: Bool) {
        if settingsChanged { for id in remotes.keys where touched.remotes[id] == nil { touched.remotes[id] = [] } }
        for (id, changes) in touched.remotes {
            let before = remotes[id]
            let old = before?.snapshot ?? MeshSnapshot()
            // What was known before a cluster went away counts no longer.
            let lost = changes.lastIndex { $0 == nil }
            let since = changes[(lost.map { $0 + 1 } ?? 0)...].compactMap(\.self)
            var remote = lost == nil ? before : nil
            let settings = snapshot.settings.ofRemote(id)
            if let known = remote, known.base != settings {
                remote = MeshTranslation(known.objects, settings: settings)
            }
            if remote == nil, !since.isEmpty || lost == nil { remote = MeshTranslation(settings: settings) }
            _ = remote?.apply(since)
            if remote?.objects == ClusterObjects() { remote = nil }
            remotes[id] = remote
            touch(from: old, to: remote?.snapshot ?? MeshSnapshot(), &touched)
            touchSelecting(from: before?.directory, to: remote?.directory, &touched)
            touched.hasGateways =
                touched.hasGateways || (before == nil) != (remote == nil)
                || before?.networkGatewayServices != remote?.networkGatewayServices
        }
    }

    private func touch(from old: MeshSnapshot, to new: MeshSnapshot, _ touched: inout Touched) {
        let difference = new.difference(from: old)
        touched.hosts.formUnion(difference.services)
        touched.hosts.formUnion(difference.endpoints.map(\.service))
        touched.addresses.formUnion(difference.workloads)
    }

    /// Hosts of ServiceEntries select Pods, also those that have no address for themselves.
    private func touchSelecting(from old: WorkloadDirectory?, to new: WorkloadDirectory?, _ touched: inout Touched) {
        guard entries.selectsWorkloads else { return }
        let (old, new) = (old?.byPod ?? [:], new?.byPod ?? [:])
        for key in Set(old.keys).union(new.keys) where old[key] != new[key] {
            for workload in [old[key], new[key]].compactMap(\.self) {
                touched.endpoints.formUnion(entries.hosts(selecting: workload.labels, in: workload.namespace))
            }
        }
    }

    /// Tells anew how networks are entered.
    mutating func updateTopology(_ difference: inout MeshDifference) {
        let services = networkGatewayServices + remotes.values.flatMap(\.networkGatewayServices)
        let topology = meshTopology(
            snapshot.settings, services: services, remoteClusters: remotes.keys, addresses: objects.hostAddresses)
        guard snapshot.topology != topology else { return }
        snapshot.topology = topology
        difference.settings = true
    }

    /// Whether a service may be a gateway of a network.
    func isNetworkGateway(_ service: MeshService) -> Bool {
        service.gatewayNetwork != nil
            || snapshot.settings.networks.gateways.values.contains { gateways in
                gateways.contains { $0.isService && $0.host == service.hostname }
            }
    }

    /// By name.
    var networkGatewayServices: [MeshService] { networkGateways.sorted().compactMap { plainServices[$0] } }

    /// Kubernetes' Services of a host in other clusters, by cluster.
    func remoteServices(of host: ServiceKey) -> [(clusterID: String, service: MeshService)] {
        guard !remotes.isEmpty else { return [] }
        return remotes.sorted { $0.key < $1.key }.compactMap { id, remote in
            remote.entries.services[host].flatMap { remote.plainServices[$0] }.map { (id, $0) }
        }
    }
}

extension MeshSettings {
    /// What holds for another cluster of the same mesh, before its own say.
    func ofRemote(_ id: String) -> MeshSettings {
        var settings = self
        settings.clusterID = id
        settings.network = ""
        return settings
    }
}
