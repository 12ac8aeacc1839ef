import KubernetesModel

extension TemplateFunctions {
    /// Those that Istio gives to templates of Pods.
    static let injection: [String: TemplateFunction] = [
        "annotation": TemplateFunction(3) { call throws(TemplateProblem) in
            let annotations = try TemplateValue(call[0].json, .structure).field("Annotations")
            if case .string(let text)? = annotations.json[call.text(1)] { return TemplateValue(text) }
            return TemplateValue(call.text(2))
        },
        "valueOrDefault": TemplateFunction(2) { call throws(TemplateProblem) in
            call[0].json.isNull || call[0].json == "" ? call[1] : call[0]
        },
        "env": variable, "getenv": variable,
        "formatDuration": .texts(1) { $0[0] },
        "kubevirtInterfaces": .texts(1) { $0[0] },
        "excludeInterfaces": .texts(1) { $0[0] },
        "cleanupCIDR": .texts(1) { elements(of: $0[0]).joined(separator: ",") },
        "applicationPorts": ports, "includeInboundPort": ports, "includeInboundPorts": ports,
        "excludeInboundPort": .texts(2) { texts in
            let port = texts[0].filter { !$0.isWhitespace }
            let excluded = elements(of: texts[1])
            if port.isEmpty || port == "0" || excluded.contains(port) { return texts[1] }
            return (excluded + [port]).joined(separator: ",")
        },
        "appendMultusNetwork": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(networks(call.text(0), adding: call.text(1)))
        },
    ]

    private static let variable = TemplateFunction(1...2) { call throws(TemplateProblem) in
        let value = call.environment[call.text(0)] ?? ""
        return TemplateValue(value.isEmpty ? call.text(1) : value)
    }

    /// The TCP ports of containers other than the proxy.
    private static let ports = TemplateFunction(1) { call throws(TemplateProblem) in
        let containers = try call.list(0).filter { $0["name"]?.string != "istio-proxy" }
        let ports = containers.flatMap { $0["ports"]?.array ?? [] }
            .filter { ["", "TCP"].contains($0["protocol"]?.string ?? "") }
        return TemplateValue(
            ports.compactMap { $0["containerPort"]?.integer }.map { String($0) }.joined(separator: ","))
    }

    private static func elements(of list: String) -> [String] {
        list.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }

    /// Networks of Multus, as names between commas or as a JSON list.
    private static func networks(_ present: String, adding network: String) -> String {
        if present.isEmpty { return network }
        if let end = present.lastIndex(of: "]") {
            guard let list = try? JSONValue(parsing: String(present[...end])).array else { return present }
            if list.contains(where: { $0["name"]?.string == network }) { return present }
            let addition = JSONValue.object(["name": .string(network)]).jsonText
            return present[..<end] + (list.isEmpty ? "" : ", ") + addition + present[end...]
        }
        return elements(of: present).contains(network) ? present : "\(present), \(network)"
    }
}
