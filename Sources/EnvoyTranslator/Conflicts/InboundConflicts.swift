package import MeshModel

/// The ports of a workload of which its services say that different protocols are spoken there: the oldest one decides.
package func inboundConflicts(of view: ProxyView) -> Set<Int> {
    // A Sidecar that names ports says what is spoken.
    guard view.ingress.isEmpty, view.inbound.count > 1 else { return [] }
    var deciding: [Int: ServiceInstance] = [:]
    var contested: Set<Int> = []
    for instance in view.inbound where instance.port.meshProtocol.isCarried {
        guard let first = deciding[instance.targetPort] else {
            deciding[instance.targetPort] = instance
            continue
        }
        if first.service != instance.service, first.port.meshProtocol != instance.port.meshProtocol {
            contested.insert(instance.targetPort)
        }
    }
    return contested
}
