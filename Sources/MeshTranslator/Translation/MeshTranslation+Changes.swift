import Dataflow
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
            let (former, service) = (objects.endpointSlices[key]?.service, new?.service)
            for service in Set([former, service].compactMap(\.self)) {
                touched.endpoints.formUnion(endpointInputs.dependents(on: .endpointObjects(service)))
            }
            if let former { slices.remove(key, at: former) }
            if let service { slices.insert(key, at: service) }
        case .endpoints(let key, _):
            touched.endpoints.formUnion(endpointInputs.dependents(on: .endpointObjects(key)))
        case .node(let name, let new):
            guard objects.nodes[name].map(locality(of:)) != new.map(locality(of:)) else { break }
            touched.pods.formUnion(workloadInputs.dependents(on: .node(name)))
            touched.endpoints.formUnion(endpointInputs.dependents(on: .node(name)))
        case .namespace(let name, let new):
            touched.hasSettings = true
            let old = objects.namespaces[name]
            guard
                old?.metadata.labels != new?.metadata.labels || old?.trafficDistribution != new?.trafficDistribution
            else { break }
            touched.services.formUnion(plainServices.dependents(on: .namespace(name)))
            touched.pods.formUnion(workloadInputs.dependents(on: .namespace(name)))
            touched.configuration.formUnion(configurationInputs.dependents(on: .namespace(name)))
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
}
