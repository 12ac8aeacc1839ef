import KubernetesModel
import MeshModel

extension ServiceReading {
    /// The ports that make sense. Of two that are in each other's way the first stays.
    mutating func ports() -> [ServicePort] {
        var ports: [ServicePort] = []
        var numbers: Set<String> = []
        var names: Set<String> = []
        for (index, port) in (spec.ports ?? []).enumerated() {
            let path = FieldPath.element(index, of: "spec.ports")
            let name = port.name ?? ""
            guard isPort(port.port) else {
                report(path: "\(path).port", "is \(port.port), and must be between 1 and 65535")
                continue
            }
            guard let transport = Transport(rawValue: port.protocol ?? "TCP") else {
                report(path: "\(path).protocol", "is \"\(port.protocol ?? "")\", and must be TCP, UDP or SCTP")
                continue
            }
            guard numbers.insert("\(transport.rawValue) \(port.port)").inserted else {
                report(path: "\(path).port", "is \(transport.rawValue) port \(port.port) once more")
                continue
            }
            guard names.insert(name).inserted else {
                report(
                    path: "\(path).name",
                    name.isEmpty
                        ? "is required where a Service has several ports"
                        : "is \"\(name)\", as another port's; names must be unique")
                continue
            }
            guard let target = target(of: port, at: path) else { continue }
            ports.append(
                ServicePort(
                    name: name, number: port.port,
                    meshProtocol: .selected(
                        appProtocol: port.appProtocol, portName: name, portNumber: port.port, transport: transport),
                    target: target, nodePort: port.nodePort.flatMap { isPort($0) ? $0 : nil } ?? 0))
        }
        return ports
    }

    private mutating func target(of port: ServiceObject.Port, at path: String) -> ServicePort.Target? {
        switch port.targetPort {
        case .none, .number(0): return .number(port.port)
        case .name(let name): return name.isEmpty ? .number(port.port) : .name(name)
        case .number(let number):
            guard isPort(number) else {
                report(path: "\(path).targetPort", "is \(number), and must be between 1 and 65535, or a name")
                return nil
            }
            return .number(number)
        }
    }
}

/// Whether a number can be a port.
func isPort(_ number: Int) -> Bool { (1...65535).contains(number) }
