internal import InstallationValues
internal import KubernetesModel

/// A container of a Pod.
struct Container {
    var name: String
    var image: String
    var imagePullPolicy: String
    var arguments: [String]
    var ports: [JSONValue]
    var environment: [JSONValue]
    var readinessProbe: JSONValue
    var resources: JSONValue?
    var securityContext: JSONValue
    var volumeMounts: [JSONValue]

    var json: JSONValue {
        fields([
            "name": .string(name), "image": .string(image), "imagePullPolicy": .string(imagePullPolicy),
            "args": JSONValue(arguments), "ports": .array(ports), "env": .array(environment),
            "readinessProbe": readinessProbe, "resources": resources, "securityContext": securityContext,
            "volumeMounts": .array(volumeMounts),
        ])
    }
}

/// The Pods of a workload.
struct PodTemplate {
    var labels: [String: String]
    var annotations: [String: String]
    var serviceAccount: String
    var containers: [JSONValue]
    var initContainers: [JSONValue] = []
    var volumes: [JSONValue]
    var securityContext: JSONValue
    var priorityClassName: String
    var tolerations: [JSONValue]
    var settings: PodSettings
    /// Whether its network is the node's own.
    var sharesHostNetwork = false

    var json: JSONValue {
        let spec = fields([
            "serviceAccountName": .string(serviceAccount), "containers": .array(containers),
            "initContainers": JSONValue.array(initContainers).nonEmpty, "volumes": .array(volumes),
            "securityContext": securityContext.nonEmpty,
            "priorityClassName": JSONValue.string(priorityClassName).nonEmpty,
            "tolerations": JSONValue.array(tolerations).nonEmpty, "affinity": settings.affinity,
            "nodeSelector": JSONValue(settings.nodeSelector).nonEmpty,
            "topologySpreadConstraints": JSONValue.array(settings.topologySpreadConstraints).nonEmpty,
            "terminationGracePeriodSeconds": settings.terminationGracePeriod.map(JSONValue.integer),
            "hostNetwork": whenTrue(sharesHostNetwork),
            "dnsPolicy": sharesHostNetwork ? .some("ClusterFirstWithHostNet") : .none,
        ])
        let metadata = fields(["labels": JSONValue(labels), "annotations": JSONValue(annotations).nonEmpty])
        return ["metadata": metadata, "spec": spec]
    }
}

func deployment(
    _ metadata: Metadata, selector: [String: String], scaling: Scaling, template: PodTemplate
) -> UnstructuredObject {
    let rollingUpdate = fields(["maxSurge": scaling.maxSurge, "maxUnavailable": scaling.maxUnavailable])
    var strategy: JSONValue = ["type": "RollingUpdate"]
    strategy["rollingUpdate"] = rollingUpdate.nonEmpty
    let spec = fields([
        "replicas": scaling.deploymentReplicas.map(JSONValue.integer), "selector": matchLabels(selector),
        "strategy": strategy, "template": template.json,
    ])
    return object(.deployments, metadata, ["spec": spec])
}

func environment(_ name: String, _ value: String) -> JSONValue {
    ["name": .string(name), "value": .string(value)]
}

/// A variable that tells the container about its Pod, such as `metadata.name`.
func environment(_ name: String, field path: String) -> JSONValue {
    ["name": .string(name), "valueFrom": ["fieldRef": ["apiVersion": "v1", "fieldPath": .string(path)]]]
}

/// A variable that tells the container what it may use, such as `limits.cpu`.
func environment(_ name: String, resource: String) -> JSONValue {
    ["name": .string(name), "valueFrom": ["resourceFieldRef": ["resource": .string(resource), "divisor": "1"]]]
}

/// `variables`, each replaced by or followed by those that a person set, in the order of their names.
func environment(_ variables: [JSONValue], overriddenBy chosen: [String: String]) -> [JSONValue] {
    let names = Set(variables.compactMap { $0["name"]?.string })
    let kept = variables.map { variable in
        guard let name = variable["name"]?.string, let value = chosen[name] else { return variable }
        return environment(name, value)
    }
    let added = chosen.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }
    return kept + added.map { environment($0.key, $0.value) }
}

func containerPort(_ number: Int64, _ name: String? = nil) -> JSONValue {
    fields(["containerPort": .integer(number), "protocol": "TCP", "name": name.map(JSONValue.string)])
}

func volumeMount(_ name: String, at path: String, readOnly: Bool = false) -> JSONValue {
    fields(["name": .string(name), "mountPath": .string(path), "readOnly": whenTrue(readOnly)])
}

/// The security context of a container that needs nothing of its node.
func restrictedContainer(runsAsRoot: Bool = false) -> JSONValue {
    fields([
        "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]], "privileged": false,
        "readOnlyRootFilesystem": true, "runAsNonRoot": whenTrue(!runsAsRoot),
    ])
}
