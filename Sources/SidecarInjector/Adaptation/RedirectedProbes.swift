import KubernetesModel

extension AdaptedPod {
    /// Leads the kubelet's probes and handlers to the agent, who makes them on the Pod's own loopback: the kubelet has no
    /// certificate, and a probe of a port would find the proxy that listens for it.
    mutating func redirectProbes(_ context: TemplateContext) {
        let said = annotations["sidecar.istio.io/rewriteAppHTTPProbers"]?.plainText
        guard said.flatMap(boolean) ?? context.values.rewritesProbes, hasProxy else { return }
        guard let port = context.agentPort else { return }
        var moved: [String: JSONValue] = [:]
        for index in containers.indices { redirectProbes(of: &containers[index], to: port, &moved) }
        for index in initContainers.indices where initContainers[index]["restartPolicy"] == "Always" {
            redirectProbes(of: &initContainers[index], to: port, &moved)
        }
        guard !moved.isEmpty else { return }
        withProxy { container in
            let earlier = container.variableText(probers).flatMap { try? JSONValue(parsing: $0) }
            let all = (earlier?.object ?? [:]).merging(moved) { _, new in new }
            container.setVariable(probers, JSONValue.object(all).jsonText)
        }
    }

    private func redirectProbes(of container: inout JSONValue, to port: Int64, _ moved: inout [String: JSONValue]) {
        guard let name = container["name"]?.string, name != proxyContainerName else { return }
        for (field, path) in [("livenessProbe", "livez"), ("readinessProbe", "readyz"), ("startupProbe", "startupz")] {
            guard let probe = container[field] else { continue }
            let own = "/app-health/\(name)/\(path)"
            guard let (described, redirected) = redirection(of: probe, in: container, to: port, own) else { continue }
            var entry = described
            if let timeout = probe["timeoutSeconds"] { entry["timeoutSeconds"] = timeout }
            moved[own] = .object(entry)
            container[field] = redirected
        }
        for (field, path) in [("postStart", "poststartz"), ("preStop", "prestopz")] {
            guard let handler = container["lifecycle"]?[field] else { continue }
            let own = "/app-lifecycle/\(name)/\(path)"
            guard let (described, redirected) = redirection(of: handler, in: container, to: port, own) else { continue }
            moved[own] = .object(described)
            container["lifecycle", field] = redirected
        }
    }

    /// How the agent makes a probe, and how the kubelet asks it to; nil for commands, and for probes that lead to the
    /// agent already.
    private func redirection(
        of probe: JSONValue, in container: JSONValue, to port: Int64, _ path: String
    ) -> (described: [String: JSONValue], redirected: JSONValue)? {
        var redirected = probe
        var request: [String: JSONValue] = ["path": .string(path), "port": .integer(port)]
        for kind in ["httpGet", "tcpSocket", "grpc"] {
            guard var action = probe[kind], action.object != nil else { continue }
            guard let target = action["port"].flatMap({ number(ofPort: $0, in: container) }), target != port
            else { return nil }
            action["port"] = .integer(target)
            if kind == "httpGet" {
                if let headers = action["httpHeaders"] { request["httpHeaders"] = headers }
                if let scheme = action["scheme"] {
                    request["scheme"] = scheme.string?.uppercased() == "HTTPS" ? "HTTP" : scheme
                }
            }
            redirected[kind] = nil
            redirected["httpGet"] = .object(request)
            return ([kind: action], redirected)
        }
        return nil
    }

    /// A port by its number, or by the name that the container gives it.
    private func number(ofPort port: JSONValue, in container: JSONValue) -> Int64? {
        if let number = port.integer { return number }
        let named = container["ports"]?.array?.first { $0["name"] == port }?["containerPort"]?.integer
        return named ?? port.string.flatMap { Int64($0) }
    }
}

private let probers = "ISTIO_KUBE_APP_PROBERS"
