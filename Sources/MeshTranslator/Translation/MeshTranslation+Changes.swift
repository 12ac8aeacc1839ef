import KubernetesModel
import MeshModel

extension MeshTranslation {
    /// Takes one change over and notes what it touches.
    mutating func take(_ change: ObjectChange, _ touched: inout Touched) {
        switch change {
        case .service(let key, _):
            touched.services.insert(key)
        case .pod(let key, _):
            touched.pods.insert(key)
        case .endpointSlice(let key, let new):
            touched.slices.insert(key)
            touched.endpoints.formUnion([objects.endpointSlices[key]?.service, new?.service].compactMap(\.self))
            mentions.remove(.slice(key))
            if let new { mentions.add(.slice(key), new.service, new.sources) }
        case .endpoints(let key, let new):
            touched.endpoints.insert(key)
            mentions.remove(.endpoints(key))
            if let new { mentions.add(.endpoints(key), key, new.sources) }
        case .node(let name, let new):
            if objects.nodes[name].map(locality(of:)) != new.map(locality(of:)) { touchNode(name, &touched) }
        case .namespace(let name, let new):
            touched.hasSettings = true
            let old = objects.namespaces[name]
            if old?.metadata.labels != new?.metadata.labels { touchNamespace(name, &touched) }
            if old?.trafficDistribution != new?.trafficDistribution {
                touched.services.formUnion(objects.services.keys.lazy.filter { $0.namespace == name })
            }
        case .meshConfig, .meshNetworks:
            touched.hasSettings = true
        case .remote(let id, let change):
            // Each cluster keeps its own.
            touched.remotes[id, default: []].append(change)
            return
        case .configuration(let reference, let new):
            if let new, keepsLastGood(of: reference, insteadOf: new) { return }
            touched.configuration.insert(reference)
        case .keySet(let source, _):
            touched.keySets.insert(source)
        case .hostAddresses:
            touched.hasGateways = true
        }
        objects.apply(change)
    }

    /// An object that cannot be used changes nothing but what is told of it, where an earlier one can.
    private mutating func keepsLastGood(of reference: ObjectReference, insteadOf new: ConfigurationObject) -> Bool {
        guard objects.configuration[reference] != nil,
            let translation = ConfigurationTranslation.byKind[reference.groupKind]
        else { return false }
        let outcome = translation.accepts(new, settings: snapshot.settings)
        guard !outcome.isAccepted else { return false }
        found[reference] = outcome.diagnostics
        return true
    }

    private func touchNode(_ name: String, _ touched: inout Touched) {
        for (key, pod) in objects.pods where pod.spec?.nodeName == name { touched.pods.insert(key) }
        for slice in objects.endpointSlices.values {
            guard let service = slice.service, slice.sources.contains(where: { $0.node == name }) else { continue }
            touched.endpoints.insert(service)
        }
        for (key, endpoints) in objects.endpoints where endpoints.sources.contains(where: { $0.node == name }) {
            touched.endpoints.insert(key)
        }
    }

    /// A namespace can come into sight or get out of it.
    private func touchNamespace(_ name: String, _ touched: inout Touched) {
        guard !snapshot.settings.discoverySelectors.isEmpty else { return }
        touched.services.formUnion(objects.services.keys.lazy.filter { $0.namespace == name })
        touched.pods.formUnion(objects.pods.keys.lazy.filter { $0.namespace == name })
        touched.configuration.formUnion(objects.configuration.keys.lazy.filter { $0.key.namespace == name })
    }
}
