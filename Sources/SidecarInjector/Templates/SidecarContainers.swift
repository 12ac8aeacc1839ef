import KubernetesModel

extension TemplateContext {
    /// The container of agent and proxy beside the containers of a Pod.
    func sidecarContainer() -> JSONValue {
        var container: [String: JSONValue] = [
            "name": .string(proxyContainerName), "image": .string(image), "ports": [envoyMetricsPort],
            "args": .array(sidecarArguments.map(JSONValue.string)), "env": .array(environment()),
            "volumeMounts": .array(agentMounts()), "securityContext": proxySecurityContext,
        ]
        if !values.imagePullPolicy.isEmpty { container["imagePullPolicy"] = .string(values.imagePullPolicy) }
        if isNative { container["restartPolicy"] = "Always" }
        container["lifecycle"] = lifecycle
        if statusPort != "0" {
            if values.proxy.hasStartupProbe { container["startupProbe"] = startupProbe }
            container["readinessProbe"] = readinessProbe
        }
        container["resources"] = saidResources ?? values.proxy.resources
        return .object(container)
    }

    private var sidecarArguments: [String] {
        var arguments = agentArguments("sidecar")
        if values.proxy.tokenExchangePort != 0 { arguments.append("--stsPort=\(values.proxy.tokenExchangePort)") }
        if values.proxy.logsJSON { arguments.append("--log_as_json") }
        if !values.proxy.outlierLogPath.isEmpty {
            arguments.append("--outlierLogPath=\(values.proxy.outlierLogPath)")
        }
        return arguments
    }

    /// The arguments of an agent in a role.
    func agentArguments(_ role: String) -> [String] {
        [
            "proxy", role, "--domain", "$(POD_NAMESPACE).svc.\(values.clusterDomain)",
            "--proxyLogLevel=\(annotation("sidecar.istio.io/logLevel", or: values.proxy.logLevel))",
            "--proxyComponentLogLevel="
                + annotation("sidecar.istio.io/componentLogLevel", or: values.proxy.componentLogLevel),
            "--log_output_level=\(agentLogLevel)",
        ]
    }

    /// The proxy starts first and ends last of itself as a native sidecar; then it only has to drain.
    private var lifecycle: JSONValue? {
        if let lifecycle = values.proxy.lifecycle { return lifecycle }
        if isNative {
            return handler(
                "preStop", ["pilot-agent", "request", "--debug-port=\(statusPort)", "POST", "drain"])
        }
        guard proxy.holdsApplication || values.proxy.holdsApplication else { return .none }
        return handler("postStart", ["pilot-agent", "wait"])
    }

    private func handler(_ moment: String, _ command: [String]) -> JSONValue {
        .object([moment: ["exec": ["command": JSONValue(command)]]])
    }

    private var startupProbe: JSONValue {
        [
            "httpGet": readinessEndpoint, "initialDelaySeconds": 0, "periodSeconds": 1, "timeoutSeconds": 3,
            "failureThreshold": values.proxy.startupFailureThreshold,
        ]
    }

    private var readinessProbe: JSONValue {
        readinessProbe(
            delay: annotation("readiness.status.sidecar.istio.io/initialDelaySeconds", or: values.proxy.readinessDelay),
            period: annotation("readiness.status.sidecar.istio.io/periodSeconds", or: values.proxy.readinessPeriod),
            threshold: annotation(
                "readiness.status.sidecar.istio.io/failureThreshold", or: values.proxy.readinessFailureThreshold))
    }

    /// The probe of the proxy's readiness.
    func readinessProbe(
        of endpoint: JSONValue = readinessEndpoint, delay: String, period: String, threshold: String
    ) -> JSONValue {
        [
            "httpGet": endpoint, "initialDelaySeconds": number(delay), "periodSeconds": number(period),
            "timeoutSeconds": 3, "failureThreshold": number(threshold),
        ]
    }

    private func number(_ text: String) -> JSONValue { Int64(text).map(JSONValue.integer) ?? .string(text) }

    /// What the Pod wants for the mesh's containers, those before the proxy too: a Pod that names any of the amounts names
    /// all of them.
    var saidResources: JSONValue? {
        let requests = amounts("sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyMemory")
        let limits = amounts("sidecar.istio.io/proxyCPULimit", "sidecar.istio.io/proxyMemoryLimit")
        guard requests != nil || limits != nil else { return .none }
        var resources: [String: JSONValue] = [:]
        resources["requests"] = requests
        resources["limits"] = limits
        return .object(resources)
    }

    private func amounts(_ cpu: String, _ memory: String) -> JSONValue? {
        var amounts: [String: JSONValue] = [:]
        if let cpu = said(cpu) { amounts["cpu"] = .string(cpu) }
        if let memory = said(memory) { amounts["memory"] = .string(memory) }
        return amounts.isEmpty ? .none : .object(amounts)
    }

    private var proxySecurityContext: JSONValue {
        var capabilities: [String: JSONValue] = ["drop": ["ALL"]]
        var added: [JSONValue] = []
        if interceptionMode == "TPROXY" { added.append("NET_ADMIN") }
        if annotations["sidecar.istio.io/capNetBindService"] == "true" { added.append("NET_BIND_SERVICE") }
        let runsAsRoot = !added.isEmpty
        if runsAsRoot { capabilities["add"] = .array(added) }
        let isPrivileged = values.proxy.isPrivileged
        var context: [String: JSONValue] = [
            "allowPrivilegeEscalation": .bool(isPrivileged), "privileged": .bool(isPrivileged),
            "readOnlyRootFilesystem": .bool(!dumpsCore), "runAsNonRoot": .bool(!runsAsRoot),
            "runAsUser": .integer(runsAsRoot ? 0 : user), "runAsGroup": .integer(group),
            "capabilities": .object(capabilities),
        ]
        context["seccompProfile"] = values.proxy.seccompProfile
        return .object(context)
    }
}

/// Envoy's own metrics.
let envoyMetricsPort: JSONValue = ["containerPort": 15090, "protocol": "TCP", "name": "http-envoy-prom"]

/// Where the agent tells whether the proxy takes requests.
let readinessEndpoint: JSONValue = ["path": "/healthz/ready", "port": 15021]
