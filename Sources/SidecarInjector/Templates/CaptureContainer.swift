import KubernetesModel

extension TemplateContext {
    /// What leads the Pod's traffic to the proxy, or where a CNI plugin does that, sees that it was done.
    func captureContainer() -> JSONValue {
        let isByPlugin = values.capture.isByPlugin
        var container: [String: JSONValue] = [
            "name": .string(isByPlugin ? validationContainerName : captureContainerName),
            "image": .string(captureImage), "args": JSONValue(captureArguments),
            "securityContext": captureSecurityContext,
        ]
        if !values.imagePullPolicy.isEmpty { container["imagePullPolicy"] = .string(values.imagePullPolicy) }
        if !proxy.environment.isEmpty {
            container["env"] = .array(proxy.environment.map { variable($0.name, $0.value) })
        }
        container["resources"] = saidResources ?? values.capture.resources
        return .object(container)
    }

    private var captureArguments: [String] {
        let ports = ["15090", "15021"] + [excludedInboundPorts].filter { !$0.isEmpty }
        var arguments = [
            "istio-iptables", "-p", "\(settings.mesh.listenPort)", "-z", "\(settings.mesh.inboundListenPort)", "-u",
            "\(user)", "-m", interceptionMode, "-i", includedIPRanges, "-x", excludedIPRanges, "-b",
            includedInboundPorts, "-d", ports.joined(separator: ","),
        ]
        // What an annotation says is said, even if it is nothing.
        for (flag, value) in [
            ("-q", annotations["traffic.sidecar.istio.io/includeOutboundPorts"] ?? given(includedOutboundPorts)),
            ("-o", annotations["traffic.sidecar.istio.io/excludeOutboundPorts"] ?? given(excludedOutboundPorts)),
            ("-k", reroutedInterfaces), ("-c", excludedInterfaces),
        ] {
            if let value { arguments += [flag, value] }
        }
        arguments.append("--log_output_level=\(agentLogLevel)")
        if values.proxy.logsJSON { arguments.append("--log_as_json") }
        if values.capture.isByPlugin {
            arguments += ["--run-validation", "--skip-rule-apply"]
        } else if values.capture.isForced {
            arguments.append("--force-apply")
        }
        if values.capture.usesNativeTables { arguments.append("--native-nftables") }
        return arguments
    }

    private var captureSecurityContext: JSONValue {
        let isByPlugin = values.capture.isByPlugin
        var capabilities: [String: JSONValue] = ["drop": ["ALL"]]
        if !isByPlugin { capabilities["add"] = ["NET_ADMIN", "NET_RAW"] }
        var context: [String: JSONValue] = [
            "allowPrivilegeEscalation": .bool(values.proxy.isPrivileged),
            "privileged": .bool(values.proxy.isPrivileged), "readOnlyRootFilesystem": .bool(isByPlugin),
            "runAsNonRoot": .bool(isByPlugin), "runAsUser": .integer(isByPlugin ? user : 0),
            "runAsGroup": .integer(isByPlugin ? group : 0), "capabilities": .object(capabilities),
        ]
        context["seccompProfile"] = values.proxy.seccompProfile
        return .object(context)
    }

    private func given(_ value: String) -> String? { value.isEmpty ? nil : value }

    var includedIPRanges: String {
        annotation("traffic.sidecar.istio.io/includeOutboundIPRanges", or: values.capture.includedIPRanges)
    }
    var excludedIPRanges: String {
        annotation("traffic.sidecar.istio.io/excludeOutboundIPRanges", or: values.capture.excludedIPRanges)
    }
    var includedOutboundPorts: String {
        annotation("traffic.sidecar.istio.io/includeOutboundPorts", or: values.capture.includedOutboundPorts)
    }
    var excludedOutboundPorts: String {
        annotation("traffic.sidecar.istio.io/excludeOutboundPorts", or: values.capture.excludedOutboundPorts)
    }
    var includedInboundPorts: String {
        annotation("traffic.sidecar.istio.io/includeInboundPorts", or: values.capture.includedInboundPorts)
    }
    /// The agent's status is never captured.
    var excludedInboundPorts: String {
        let said = annotation("traffic.sidecar.istio.io/excludeInboundPorts", or: values.capture.excludedInboundPorts)
        guard statusPort != "0", !statusPort.isEmpty else { return said }
        let ports = said.split(separator: ",").map(String.init)
        return ports.contains(statusPort) ? said : (ports + [statusPort]).joined(separator: ",")
    }
    /// Interfaces of virtual machines, whose inbound traffic is outbound.
    var reroutedInterfaces: String? {
        annotations["istio.io/reroute-virtual-interfaces"] ?? annotations["traffic.sidecar.istio.io/kubevirtInterfaces"]
    }
    var excludedInterfaces: String? { annotations["traffic.sidecar.istio.io/excludeInterfaces"] }
}

extension TemplateContext {
    /// Lets programs of the Pod leave their memory behind when they fail.
    func coreDumpContainer() -> JSONValue {
        var container: [String: JSONValue] = [
            "name": .string(coreDumpContainerName), "image": .string(captureImage), "command": ["/bin/sh"],
            "args": ["-c", "sysctl -w kernel.core_pattern=/var/lib/istio/data/core.proxy && ulimit -c unlimited"],
            "securityContext": [
                "allowPrivilegeEscalation": true, "privileged": true, "readOnlyRootFilesystem": false,
                "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false,
                "capabilities": ["add": ["SYS_ADMIN"], "drop": ["ALL"]],
            ],
        ]
        if !values.imagePullPolicy.isEmpty { container["imagePullPolicy"] = .string(values.imagePullPolicy) }
        container["resources"] = saidResources ?? values.capture.resources
        return .object(container)
    }
}
