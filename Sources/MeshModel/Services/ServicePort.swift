/// One port of a service.
package struct ServicePort: Hashable, Sendable {
    /// Where a service's workloads listen for it.
    package enum Target: Hashable, Sendable {
        case number(Int)
        /// The name of a container's port; every workload may number it differently.
        case name(String)
    }

    /// Unique within the service; may be empty if it is the only port.
    package var name: String
    package var number: Int
    /// What is spoken on it.
    package var meshProtocol: MeshProtocol
    package var target: Target
    /// The same port on every node; 0 if there is none.
    package var nodePort: Int

    package init(name: String, number: Int, meshProtocol: MeshProtocol, target: Target? = nil, nodePort: Int = 0) {
        self.name = name
        self.number = number
        self.meshProtocol = meshProtocol
        self.target = target ?? .number(number)
        self.nodePort = nodePort
    }
}
