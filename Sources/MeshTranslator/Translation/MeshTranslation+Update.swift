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
            touched.endpoints.formUnion(everything.services)
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
        if difference.settings { networkGateways = Set(plainServices.filter { isNetworkGateway($0.value) }.keys) }
        if touched.hasServiceEntries || difference.settings { updateAllocatedAddresses(&touched) }
        if !touched.hosts.isEmpty { updateHosts(touched.hosts, &difference) }
        for key in touched.endpoints {
            if let host = plainServices[key]?.key { touched.hosts.insert(host) }
        }
        for host in touched.hosts { updateEndpoints(of: host, &difference) }
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
    func isObserved(_ namespace: String) -> Bool {
        let selectors = snapshot.settings.discoverySelectors
        let isAlwaysSeen = namespace.isEmpty || namespace == snapshot.settings.rootNamespace
        guard !selectors.isEmpty, !isAlwaysSeen else { return true }
        guard let labels = objects.namespaces[namespace]?.metadata.labels else { return false }
        return selectors.contains { $0.selects(labels) }
    }

    private mutating func updateWorkload(
        _ key: ObjectKey, _ touched: inout Touched, _ difference: inout MeshDifference
    ) {
        let old = directory[key]
        var new: Workload?
        if isObserved(key.namespace), let pod = objects.pods[key] {
            work.workloads += 1
            new = workload(of: pod, on: pod.spec?.nodeName.flatMap { objects.nodes[$0] }, in: snapshot.settings)
        }
        guard old != new else { return }
        directory[key] = new
        touched.endpoints.formUnion(mentions.services(naming: key))
        for labels in [old?.labels, new?.labels] {
            if let labels { touched.hosts.formUnion(entries.hosts(selecting: labels, in: key.namespace)) }
        }
        touched.addresses.formUnion((old?.addresses ?? []) + (new?.addresses ?? []))
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
        touched.endpoints.formUnion(mentions.services(naming: address))
    }

    private mutating func updateService(_ key: ObjectKey, _ touched: inout Touched) {
        let old = plainServices[key]
        var translated = Translated<MeshService?>(nil)
        if isObserved(key.namespace), let object = objects.services[key] {
            work.services += 1
            translated = meshService(
                of: object, in: snapshot.settings, namespace: objects.namespaces[key.namespace])
        }
        report(translated.diagnostics, "Service", key)
        let new = translated.value
        guard old != new else { return }
        plainServices[key] = new
        for changed in [old, new].compactMap(\.self) {
            externalNames.remove(changed.key)
            entries.services[changed.key] = nil
            touched.hosts.insert(changed.key)
        }
        if let new {
            entries.services[new.key] = key
            if new.isExternalName { externalNames.insert(new.key) }
        }
        entries.note(service: key, new)
        let isGateway = new.map(isNetworkGateway) ?? false
        if isGateway || networkGateways.contains(key) { touched.hasGateways = true }
        if isGateway { networkGateways.insert(key) } else { networkGateways.remove(key) }
    }

    private mutating func updateConfiguration(
        _ reference: ObjectReference, _ touched: inout Touched, _ difference: inout MeshDifference
    ) {
        guard let translation = ConfigurationTranslation.byKind[reference.groupKind] else { return }
        let object = isObserved(reference.key.namespace) ? objects.configuration[reference] : nil
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
