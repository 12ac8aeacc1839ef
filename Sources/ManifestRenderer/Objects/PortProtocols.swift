internal import KubernetesModel

extension UnstructuredObject {
    /// This object with a protocol on every port. Server-side apply tells ports apart by it, and refuses ports without
    /// one before Kubernetes 1.21.
    var withPortProtocols: UnstructuredObject {
        var object = self
        if kind == "Service" { object.json.completePorts(at: ["spec", "ports"]) }
        let pod = ["spec", "template", "spec"]
        for list in ["initContainers", "containers"] {
            guard let containers = json.value(at: pod + [list])?.array else { continue }
            let completed = containers.map { container in
                var container = container
                container.completePorts(at: ["ports"])
                return container
            }
            object.json.set(.array(completed), at: pod + [list])
        }
        return object
    }
}

extension JSONValue {
    fileprivate mutating func completePorts(at path: [String]) {
        guard let ports = value(at: path)?.array else { return }
        let completed = ports.map { port in
            port.object == nil || port["protocol"] != nil ? port : port.merging(["protocol": "TCP"])
        }
        set(.array(completed), at: path)
    }
}
