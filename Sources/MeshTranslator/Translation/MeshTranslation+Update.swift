import Dataflow
import KubernetesModel
import MeshModel

extension MeshTranslation {
    /// Translates again what is touched, and what that touches in turn.
    mutating func update(_ touched: Touched, _ difference: inout MeshDifference) {
        var touched = touched
        if touched.hasSettings, updateSettings() {
            difference.settings = true
            let everything = Touched.everything(in: objects)
            touched.pods.formUnion(everything.pods)
            touched.services.formUnion(everything.services)
            touched.endpoints.formUnion(snapshot.services.keys)
            touched.configuration.formUnion(everything.configuration)
        }
        updateRemotes(&touched, settingsChanged: difference.settings)
        for reference in touched.configuration { updateConfiguration(reference, &touched, &difference) }
        if difference.settings || difference.configuration.contains(where: \.isRelated) {
            related = relations(among: snapshot.configuration.virtualServices).merging(snapshot.gatewayConflicts) {
                $0 + $1
            }
        }
        updateKeySets(touched.keySets, &difference)
        for key in touched.slices { updateDiagnostics(ofSlice: key) }
        for key in touched.pods { updateWorkload(key, &touched, &difference) }
        for address in touched.addresses { updateWorkload(at: address, &touched, &difference) }
        for key in touched.services { updateService(key, &touched) }
        if difference.settings {
            networkGateways = Set(plainServices.values.filter { isNetworkGateway($0.value) }.keys)
        }
        if touched.hasServiceEntries || difference.settings { updateAllocatedAddresses(&touched) }
        if !touched.hosts.isEmpty { updateHosts(touched.hosts, &difference) }
        for host in touched.hosts.union(touched.endpoints) { updateEndpoints(of: host, &difference) }
        if touched.hasGateways || difference.settings { updateTopology(&difference) }
    }

    /// - Returns: Whether they changed.
    private mutating func updateSettings() -> Bool {
        let translated = meshSettings(objects.meshConfig, over: base)
        let networks = networkSettings(objects.meshNetworks)
        var settings = translated.value
        settings.networks = objects.meshNetworks == nil ? base.networks : networks.value
        let root = objects.namespaces[settings.rootNamespace]
        if let network = root?.metadata.labels["topology.istio.io/network"] { settings.network = network }
        if settings.network.isEmpty { settings.network = settings.networks.ofClusters[settings.clusterID] ?? "" }
        let configMap = ObjectKey(namespace: base.rootNamespace, name: "istio")
        report(translated.diagnostics + networks.diagnostics, "ConfigMap", configMap)
        defer { snapshot.settings = settings }
        return snapshot.settings != settings
    }

    /// Whether objects of a namespace are looked at.
    private func isObserved(_ namespace: String, _ reads: inout Reads<MeshInput>) -> Bool {
        let selectors = snapshot.settings.discoverySelectors
        let isAlwaysSeen = namespace.isEmpty || namespace == snapshot.settings.rootNamespace
        guard !selectors.isEmpty, !isAlwaysSeen else { return true }
        let object = reads.fetch(.namespace(namespace), objects.namespaces[namespace])
        guard let labels = object?.metadata.labels else { return false }
        return selectors.contains { $0.selects(labels) }
    }

    private mutating func updateWorkload(
        _ key: ObjectKey, _ touched: inout Touched, _ difference: inout MeshDifference
    ) {
        var reads = Reads<MeshInput>()
        let (old, new) = (directory[key], objects.pods[key].flatMap { podWorkload($0, &reads) })
        workloadInputs.set(key, reads)
        if objects.pods[key] != nil { work.workloads += 1 }
        guard old != new else { return }
        let addresses = Set((old?.addresses ?? []) + (new?.addresses ?? []))
        let owners = addresses.map { ($0, directory.byAddress[$0]) }
        directory[key] = new
        touched.endpoints.formUnion(endpointInputs.dependents(on: .workload(key)))
        for (address, owner) in owners where directory.byAddress[address] != owner {
            touched.endpoints.formUnion(endpointInputs.dependents(on: .address(address)))
        }
        for labels in [old?.labels, new?.labels] {
            if let labels { touched.endpoints.formUnion(entries.hosts(selecting: labels, in: key.namespace)) }
        }
        touched.addresses.formUnion(addresses)
    }

    private func podWorkload(_ pod: PodObject, _ reads: inout Reads<MeshInput>) -> Workload? {
        guard isObserved(pod.metadata.key.namespace, &reads) else { return nil }
        let node = pod.spec?.nodeName.flatMap { reads.fetch(.node($0), objects.nodes[$0]) }
        return workload(of: pod, on: node, in: snapshot.settings)
    }

    private mutating func updateWorkload(
        at address: String, _ touched: inout Touched, _ difference: inout MeshDifference
    ) {
        let owner =
            directory.byAddress[address] ?? entries.workload(at: address, in: snapshot)
            ?? remotes.sorted { $0.key < $1.key }.lazy.compactMap { $0.value.snapshot.workloads[address] }.first
        guard snapshot.workloads[address] != owner else { return }
        snapshot.workloads[address] = owner
        difference.workloads.insert(address)
    }

    private mutating func updateService(_ key: ObjectKey, _ touched: inout Touched) {
        var reads = Reads<MeshInput>()
        let translated = objects.services[key].map { plainService($0, &reads) } ?? Translated(nil)
        if objects.services[key] != nil { work.services += 1 }
        report(translated.diagnostics, "Service", key)
        guard let change = plainServices.update(key, to: translated.value, reads) else { return }
        for changed in [change.old, change.new].compactMap(\.self) {
            externalNames.remove(changed.key)
            entries.services[changed.key] = nil
            touched.hosts.insert(changed.key)
        }
        if let new = change.new {
            entries.services[new.key] = key
            if new.isExternalName { externalNames.insert(new.key) }
        }
        entries.note(service: key, change.new)
        let isGateway = change.new.map(isNetworkGateway) ?? false
        if isGateway || networkGateways.contains(key) { touched.hasGateways = true }
        if isGateway { networkGateways.insert(key) } else { networkGateways.remove(key) }
    }

    private func plainService(_ object: ServiceObject, _ reads: inout Reads<MeshInput>) -> Translated<MeshService?> {
        let name = object.metadata.key.namespace
        guard isObserved(name, &reads) else { return Translated(nil) }
        let namespace = reads.fetch(.namespace(name), objects.namespaces[name])
        return meshService(of: object, in: snapshot.settings, namespace: namespace)
    }

    private mutating func updateConfiguration(
        _ reference: ObjectReference, _ touched: inout Touched, _ difference: inout MeshDifference
    ) {
        guard let translation = ConfigurationTranslation.byKind[reference.groupKind] else { return }
        var reads = Reads<MeshInput>()
        let object = objects.configuration[reference].flatMap {
            isObserved(reference.key.namespace, &reads) ? $0 : nil
        }
        configurationInputs.set(reference, reads)
        if object != nil { work.configuration += 1 }
        let old = snapshot.configuration.described(by: reference)
        let outcome = translation.apply(
            object, at: reference.key, to: &snapshot.configuration, settings: snapshot.settings)
        found[reference] = outcome.diagnostics.isEmpty ? nil : outcome.diagnostics
        guard outcome.hasChanged else { return }
        difference.configuration.insert(reference)
        touch(old, at: reference.key, &touched)
        touch(snapshot.configuration.described(by: reference), at: reference.key, &touched)
    }

    /// Keys that were fetched anew change the RequestAuthentications that use them.
    private mutating func updateKeySets(_ sources: Set<KeySetSource>, _ difference: inout MeshDifference) {
        let changed = sources.filter { snapshot.configuration.keySets[$0] != objects.keySets[$0] }
        guard !changed.isEmpty else { return }
        for source in changed { snapshot.configuration.keySets[source] = objects.keySets[source] }
        for policy in snapshot.configuration.requestAuthentications.values
        where policy.rules.contains(where: { $0.keySetSource.map(changed.contains) ?? false }) {
            difference.configuration.insert(policy.origin.reference)
        }
    }

    private mutating func updateDiagnostics(ofSlice key: ObjectKey) {
        let found = objects.endpointSlices[key].map { sliceDiagnostics(of: $0) } ?? []
        report(found, "EndpointSlice", key, group: "discovery.k8s.io")
    }

    mutating func report(_ found: [Diagnostic], _ kind: String, _ key: ObjectKey, group: String = "") {
        let reference = ObjectReference(GroupKind(group: group, kind: kind), key)
        self.found[reference] = found.isEmpty ? nil : found
    }
}

extension ObjectReference {
    /// What is said of such an object depends on others.
    fileprivate var isRelated: Bool {
        ["VirtualService", "Gateway", "Ingress", "IngressClass"].contains(groupKind.kind)
    }
}
