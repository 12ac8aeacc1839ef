import KubernetesModel

extension InputDocuments {
    /// With other names for the ports of Services that repeat one, as the conformance tests do and no API server
    /// allows: the second `http` becomes `http-8080`.
    var withUniquePortNames: InputDocuments {
        var input = self
        for index in input.documents.indices where input.documents[index].object.kind == "Service" {
            guard let ports = input.documents[index].object.json["spec", "ports"]?.array else { continue }
            var known: Set<String> = []
            let renamed = ports.map { port in
                guard let name = port["name"]?.string, !known.insert(name).inserted else { return port }
                var port = port
                port["name"] = .string("\(name)-\(port["port"]?.integer ?? 0)")
                return port
            }
            input.documents[index].object.json["spec", "ports"] = .array(renamed)
        }
        return input
    }
}
