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
        for reference in touched.configuration { updateConfiguration(reference, &difference) }
        for key in touched.slices { updateDiagnostics(ofSlice: key) }
        for key in touched.pods { updateWorkload(key, &touched, &difference) }
        if !touched.services.isEmpty {
            for key in touched.services { updateService(key, &touched, &difference) }
            updateAliases(&difference)
        }
        for key in touched.endpoints { updateEndpoints(of: key, &difference) }
    }

    /// - Returns: Whether they changed.
    private mutating func updateSettings() -> Bool {
        let translated = meshSettings(objects.meshConfig, over: base)
        var settings = translated.value
        let root = objects.namespaces[settings.rootNamespace]
        if let network = root?.metadata.labels["topology.istio.io/network"] { settings.network = network }
        let configMap = ObjectKey(namespace: base.rootNamespace, name: "istio")
        report(translated.diagnostics, "ConfigMap", configMap)
        defer { snapshot.settings = settings }
        return snapshot.settings != settings
    }

    /// Whether objects of a namespace are looked at.
    private func isObserved(_ namespace: String) -> Bool {
        let selectors = snapshot.settings.discoverySelectors
        guard !selectors.isEmpty, namespace != snapshot.settings.rootNamespace else { return true }
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
        for address in Set((old?.addresses ?? []) + (new?.addresses ?? [])) {
            let owner = directory.byAddress[address]
            guard snapshot.workloads[address] != owner else { continue }
            snapshot.workloads[address] = owner
            difference.workloads.insert(address)
            touched.endpoints.formUnion(mentions.services(naming: address))
        }
    }

    private mutating func updateService(
        _ key: ObjectKey, _ touched: inout Touched, _ difference: inout MeshDifference
    ) {
        let old = plainServices[key]
        var translated = Translated<MeshService?>(nil)
        if isObserved(key.namespace), let object = objects.services[key] {
            work.services += 1
            translated = meshService(of: object, in: snapshot.settings)
        }
        report(translated.diagnostics, "Service", key)
        let new = translated.value
        guard old != new else { return }
        plainServices[key] = new
        if let old, old.key != new?.key {
            snapshot.services[old.key] = nil
            externalNames.remove(old.key)
            difference.services.insert(old.key)
            removeEndpoints(of: old, &difference)
        }
        if let new {
            let aliases = snapshot.services[new.key]?.aliases ?? []
            if new.isExternalName { externalNames.insert(new.key) } else { externalNames.remove(new.key) }
            snapshot.services[new.key] = new
            // Until the aliases are told anew.
            snapshot.services[new.key]?.aliases = aliases
            difference.services.insert(new.key)
            if let old, old.key == new.key { removeEndpoints(of: old, keeping: new, &difference) }
        }
        touched.endpoints.insert(key)
    }

    private mutating func updateAliases(_ difference: inout MeshDifference) {
        guard !externalNames.isEmpty || !aliased.isEmpty else { return }
        let aliases = serviceAliases(externalNames, among: snapshot.services)
        for key in aliased.union(aliases.keys) {
            let names = aliases[key] ?? []
            guard let service = snapshot.services[key], service.aliases != names else { continue }
            snapshot.services[key]?.aliases = names
            difference.services.insert(key)
        }
        aliased = Set(aliases.keys)
    }

    private mutating func updateEndpoints(of key: ObjectKey, _ difference: inout MeshDifference) {
        guard let service = plainServices[key] else { return }
        work.endpoints += 1
        let input = EndpointInput(
            service: service, slices: mentions.slices(of: key).compactMap { objects.endpointSlices[$0] },
            endpoints: objects.endpoints[key], settings: snapshot.settings)
        let sets = endpointSets(input, workloads: directory, nodes: objects.nodes)
        for port in service.ports {
            set(sets[port.name], at: EndpointKey(service: service.key, portName: port.name), &difference)
        }
    }

    private mutating func removeEndpoints(
        of service: MeshService, keeping new: MeshService? = nil, _ difference: inout MeshDifference
    ) {
        for port in service.ports where new?.port(named: port.name) == nil {
            set(nil, at: EndpointKey(service: service.key, portName: port.name), &difference)
        }
    }

    private mutating func set(_ new: EndpointSet?, at key: EndpointKey, _ difference: inout MeshDifference) {
        guard snapshot.endpoints[key] != new else { return }
        snapshot.endpoints[key] = new
        difference.endpoints.insert(key)
    }

    private mutating func updateConfiguration(_ reference: ObjectReference, _ difference: inout MeshDifference) {
        guard let translation = ConfigurationTranslation.byKind[reference.groupKind] else { return }
        let object = isObserved(reference.key.namespace) ? objects.configuration[reference] : nil
        if object != nil { work.configuration += 1 }
        let outcome = translation.apply(
            object, at: reference.key, to: &snapshot.configuration, settings: snapshot.settings)
        diagnostics[reference] = outcome.diagnostics.isEmpty ? nil : outcome.diagnostics
        if outcome.hasChanged { difference.configuration.insert(reference) }
    }

    private mutating func updateDiagnostics(ofSlice key: ObjectKey) {
        let found = objects.endpointSlices[key].map { sliceDiagnostics(of: $0) } ?? []
        report(found, "EndpointSlice", key, group: "discovery.k8s.io")
    }

    private mutating func report(_ found: [Diagnostic], _ kind: String, _ key: ObjectKey, group: String = "") {
        let reference = ObjectReference(GroupKind(group: group, kind: kind), key)
        diagnostics[reference] = found.isEmpty ? nil : found
    }
}
