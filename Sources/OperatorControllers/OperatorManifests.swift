package import KubernetesModel

/// The objects that install the operator itself, one list a Kustomize base.
package enum OperatorManifests {
    /// Where the operator runs unless a Kustomize overlay says otherwise.
    package static let namespace = "apus-system"
    /// Name of its Deployment, ServiceAccount and roles.
    package static let name = "apus-operator"
    /// Port of `/healthz` and `/readyz`.
    package static let healthPort: Int64 = 8081
    /// Port of `/metrics`.
    package static let metricsPort: Int64 = 8080

    private static let labels: [String: String] = [
        "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "apus",
    ]

    /// Identity and rights.
    package static var access: [JSONValue] {
        [
            object("v1", "ServiceAccount", ["namespace": .string(namespace)]),
            object(
                "rbac.authorization.k8s.io/v1", "ClusterRole",
                with: ["rules": .array(OperatorAccess.clusterRules.map(\.json))]),
            object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", with: binding(to: "ClusterRole")),
            object(
                "rbac.authorization.k8s.io/v1", "Role", ["namespace": .string(namespace)],
                with: ["rules": .array(OperatorAccess.namespaceRules.map(\.json))]),
            object(
                "rbac.authorization.k8s.io/v1", "RoleBinding", ["namespace": .string(namespace)],
                with: binding(to: "Role")),
            peopleRole("viewer", aggregatedTo: ["view", "edit", "admin"], verbs: ["get", "list", "watch"]),
            peopleRole(
                "editor", aggregatedTo: ["edit", "admin"],
                verbs: ["create", "delete", "deletecollection", "patch", "update"]),
        ]
    }

    /// Rights that installing Istio's images takes besides.
    package static var istioImagesAccess: [JSONValue] {
        var role = object(
            "rbac.authorization.k8s.io/v1", "ClusterRole",
            with: ["rules": .array(OperatorAccess.istioImagesRules.map(\.json))])
        var roleBinding = object(
            "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", with: binding(to: "ClusterRole"))
        role["metadata", "name"] = .string(istioImagesName)
        roleBinding["metadata", "name"] = .string(istioImagesName)
        roleBinding["roleRef", "name"] = .string(istioImagesName)
        return [role, roleBinding]
    }

    private static let istioImagesName = "\(name)-istio-images"

    /// The namespace and the Deployment.
    package static var workload: [JSONValue] {
        [
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": [
                    "name": .string(namespace),
                    "labels": ["pod-security.kubernetes.io/enforce": "restricted"],
                ],
            ],
            object("apps/v1", "Deployment", ["namespace": .string(namespace)], with: ["spec": deployment]),
        ]
    }

    private static var deployment: JSONValue {
        [
            "replicas": 1,
            "selector": ["matchLabels": JSONValue(labels)],
            "template": [
                "metadata": [
                    "labels": .object(
                        JSONValue(labels).object?.merging(["sidecar.istio.io/inject": "false"]) { $1 } ?? [:]),
                    "annotations": [
                        "prometheus.io/scrape": "true", "prometheus.io/port": .string(String(metricsPort)),
                    ],
                ],
                "spec": podSpec,
            ],
        ]
    }

    private static var podSpec: JSONValue {
        [
            "serviceAccountName": .string(name),
            "terminationGracePeriodSeconds": 30,
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532,
                "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "containers": [container],
        ]
    }

    private static var container: JSONValue {
        [
            "name": "operator",
            "image": .string("\(apusHub)/operator:\(apusVersion)"),
            "imagePullPolicy": "IfNotPresent",
            "env": [
                field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace"),
                ["name": "WATCH_NAMESPACE", "value": ""],
            ],
            "ports": [
                ["name": "http-health", "containerPort": .integer(healthPort), "protocol": "TCP"],
                ["name": "http-monitoring", "containerPort": .integer(metricsPort), "protocol": "TCP"],
            ],
            "readinessProbe": probe("/readyz"), "livenessProbe": probe("/healthz"),
            "resources": ["requests": ["cpu": "50m", "memory": "64Mi"], "limits": ["memory": "256Mi"]],
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
            ],
        ]
    }

    private static func field(_ name: String, _ path: String) -> JSONValue {
        ["name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(path)]]]
    }

    private static func probe(_ path: String) -> JSONValue {
        ["httpGet": ["path": .string(path), "port": "http-health"], "periodSeconds": 5, "timeoutSeconds": 3]
    }

    private static func object(
        _ apiVersion: String, _ kind: String, _ metadata: JSONValue = [:], with fields: JSONValue = [:]
    ) -> JSONValue {
        let common: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind),
            "metadata": ["name": .string(name), "labels": JSONValue(labels)],
        ]
        return common.merging(["metadata": metadata]).merging(fields)
    }

    private static func binding(to kind: String) -> JSONValue {
        [
            "roleRef": [
                "apiGroup": "rbac.authorization.k8s.io", "kind": .string(kind), "name": .string(name),
            ],
            "subjects": [
                ["kind": "ServiceAccount", "name": .string(name), "namespace": .string(namespace)]
            ],
        ]
    }

    /// Rights on IstioOperators for people, added to the cluster's own roles.
    private static func peopleRole(_ suffix: String, aggregatedTo roles: [String], verbs: [String]) -> JSONValue {
        let aggregation = roles.map { ("rbac.authorization.k8s.io/aggregate-to-\($0)", "true") }
        return [
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": [
                "name": .string("istiooperator-\(suffix)"),
                "labels": JSONValue(labels.merging(aggregation) { $1 }),
            ],
            "rules": [
                AccessRule(apiGroups: ["install.istio.io"], resources: ["istiooperators"], verbs: verbs).json
            ],
        ]
    }
}
