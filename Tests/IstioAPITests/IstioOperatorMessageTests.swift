import IstioAPI
import KubernetesModel
import Testing

/// What people hear about an IstioOperator's spec, pair by pair.
@Suite struct IstioOperatorMessageTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        var name: String
        var spec: String
        var messages: [String]
        var testDescription: String { name }
    }

    @Test(arguments: faults + contradictions)
    func saysWhatIsWrong(_ pair: Pair) throws {
        let spec = try JSONValue.documents(yaml: pair.spec).first ?? .null
        let diagnostics = IstioOperatorSpec.read(spec).diagnostics
        #expect(diagnostics.map { "\($0.severity) \($0)" } == pair.messages)
    }

    static let faults = [
        Pair(
            name: "near misses, at any depth, all at once",
            spec: """
                profil: demo
                components:
                  pilot:
                    k8s:
                      hpaSpc: {}
                      env: [{nam: A, value: b}]
                  ingressGateway: []
                values:
                  pilot: {autoscaleMn: 1}
                """,
            messages: [
                "error spec.components.ingressGateway: unknown field \"ingressGateway\"; did you mean \"ingressGateways\"?",
                "error spec.components.pilot.k8s.env[0].nam: unknown field \"nam\"; did you mean \"name\"?",
                "error spec.components.pilot.k8s.env[0].name: is required, and must be a string",
                "error spec.components.pilot.k8s.hpaSpc: unknown field \"hpaSpc\"; did you mean \"hpaSpec\"?",
                "error spec.profil: unknown field \"profil\"; did you mean \"profile\"?",
                "error spec.values.pilot.autoscaleMn: unknown field \"autoscaleMn\"; did you mean \"autoscaleMin\"?",
            ]),
        Pair(
            name: "a setting of k8s one level too high",
            spec: "components: {pilot: {replicaCount: 2}}",
            messages: [
                "error spec.components.pilot.replicaCount: unknown field \"replicaCount\"; did you mean "
                    + "\"k8s.replicaCount\"?"
            ]),
        Pair(
            name: "a value one level too high",
            spec: "global: {hub: a}",
            messages: ["error spec.global: unknown field \"global\"; did you mean \"values.global\"?"]),
        Pair(
            name: "fields of old releases",
            spec: """
                addonComponents: {grafana: {enabled: true}}
                components: {telemetry: {enabled: true}, citadel: {enabled: true}}
                values: {kiali: {}}
                """,
            messages: [
                "error spec.addonComponents: unknown field \"addonComponents\": add-ons are no longer part of an "
                    + "installation since Istio 1.8; install Prometheus, Grafana, Kiali or a tracing backend by their "
                    + "own means",
                "error spec.components.citadel: unknown field \"citadel\": it has been part of istiod since Istio 1.5; "
                    + "remove it and configure \"pilot\"",
                "error spec.components.telemetry: unknown field \"telemetry\": the Mixer components were removed in "
                    + "Istio 1.8; proxies report their metrics themselves, see the Telemetry resource",
                "error spec.values.kiali: unknown field \"kiali\": add-ons are no longer part of an installation since "
                    + "Istio 1.8",
            ]),
        Pair(
            name: "wrong types",
            spec: """
                profile: [demo]
                components:
                  pilot: {enabled: "true", k8s: {replicaCount: two, nodeSelector: {a.b/c: true}}}
                  ingressGateways: {name: a}
                values: [a]
                meshConfig: "x"
                """,
            messages: [
                "error spec.components.ingressGateways: must be a list in which each element is a map, but is the map "
                    + "{\"name\":\"a\"}; begin each element with \"- \"",
                "error spec.components.pilot.enabled: must be a boolean (true or false), but is the string \"true\"; "
                    + "leave out the quotes",
                "error spec.components.pilot.k8s.nodeSelector[\"a.b/c\"]: must be a string, but is the boolean true; put "
                    + "it in quotes: \"true\"",
                "error spec.components.pilot.k8s.replicaCount: must be an integer of at least 0, but is the string "
                    + "\"two\"",
                "error spec.meshConfig: must be a map, but is the string \"x\"",
                "error spec.profile: must be a string, but is the list [\"demo\"]",
                "error spec.values: must be a map, but is the list [\"a\"]",
            ]),
        Pair(
            name: "inside Kubernetes' own structures",
            spec: """
                components:
                  pilot:
                    k8s:
                      affinity:
                        nodeAffinity: {requiredDuringScheduling: {}}
                        podAntiAffinity:
                          requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabel: {}}}]
                      readinessProbe: {httpGet: {pth: /, port: 1}}
                      volumes: [{name: v, emptyDirr: {}}, {name: s, secret: {name: x}}]
                      hpaSpec:
                        metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilisation: 1}}}]
                        behavior: {scaleDwn: {}}
                      podDisruptionBudget: {minAvailable: half}
                      strategy: {rollingUpdate: {maxSurge: "1", maxUnavailable: 25%}}
                """,
            messages: [
                "error spec.components.pilot.k8s.affinity.nodeAffinity.requiredDuringScheduling: unknown field "
                    + "\"requiredDuringScheduling\"; known here are preferredDuringSchedulingIgnoredDuringExecution, "
                    + "requiredDuringSchedulingIgnoredDuringExecution",
                "error spec.components.pilot.k8s.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                    + "[0].labelSelector.matchLabel: unknown field \"matchLabel\"; did you mean \"matchLabels\"?",
                "error spec.components.pilot.k8s.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                    + "[0].topologyKey: is required, and must be a string",
                "error spec.components.pilot.k8s.hpaSpec.behavior.scaleDwn: unknown field \"scaleDwn\"; did you mean "
                    + "\"scaleDown\"?",
                "error spec.components.pilot.k8s.hpaSpec.metrics[0].resource.target.averageUtilisation: unknown field "
                    + "\"averageUtilisation\"; did you mean \"averageUtilization\"?",
                "error spec.components.pilot.k8s.hpaSpec.metrics[0].resource.target.type: is required, and must be one "
                    + "of Utilization, Value, AverageValue",
                "error spec.components.pilot.k8s.readinessProbe.httpGet.pth: unknown field \"pth\"; did you mean "
                    + "\"path\"?",
                "error spec.components.pilot.k8s.volumes[0].emptyDirr: unknown field \"emptyDirr\"; did you mean "
                    + "\"emptyDir\"?",
                "error spec.components.pilot.k8s.volumes[1].secret.name: unknown field \"name\"; known here are "
                    + "defaultMode, items, optional, secretName",
                "error spec.components.pilot.k8s.podDisruptionBudget.minAvailable: must be a number, or a share such as "
                    + "\"25%\", but is the string \"half\"",
                "error spec.components.pilot.k8s.strategy.rollingUpdate.maxSurge: must be a number, or a share such as "
                    + "\"25%\", but is the string \"1\"",
            ]),
        Pair(
            name: "labels and variables that no cluster takes",
            spec: """
                components:
                  pilot:
                    k8s:
                      nodeSelector: {a.b/c: d, /x: "", a/b/c: e}
                      env: [{name: "", value: a}, {name: A=B}, {name: C, value: c, valueFrom: {fieldRef: {fieldPath: x}}}]
                  ingressGateways: [{name: g, label: {istio: -g, app: g_1.x}}]
                values: {global: {network: a b}}
                """,
            messages: [
                "error spec.components.pilot.k8s.nodeSelector[\"/x\"]: must be a label's key such as app or example.com/app "
                    + "(at most 63 letters, digits, \"-\", \"_\" and \".\", beginning and ending with a letter or digit; "
                    + "before a slash a DNS name), but is the string \"/x\"",
                "error spec.components.pilot.k8s.nodeSelector[\"a/b/c\"]: must be a label's key such as app or "
                    + "example.com/app (at most 63 letters, digits, \"-\", \"_\" and \".\", beginning and ending with a "
                    + "letter or digit; before a slash a DNS name), but is the string \"a/b/c\"",
                "error spec.components.pilot.k8s.env[0].name: must be a variable's name (printable ASCII characters, none "
                    + "of them \"=\"), but is the string \"\"",
                "error spec.components.pilot.k8s.env[1].name: must be a variable's name (printable ASCII characters, none "
                    + "of them \"=\"), but is the string \"A=B\"",
                "error spec.components.pilot.k8s.env[2].valueFrom: stands beside value; remove one of them",
                "error spec.components.ingressGateways[0].label.istio: must be a label's value (at most 63 letters, "
                    + "digits, \"-\", \"_\" and \".\", beginning and ending with a letter or digit), but is the string \"-g\"",
                "error spec.values.global.network: must be a label's value (at most 63 letters, digits, \"-\", \"_\" and "
                    + "\".\", beginning and ending with a letter or digit), but is the string \"a b\"",
            ]),
        Pair(
            name: "values of old releases",
            spec: "values: {global: {mtls: {enabled: true}, proxy: {accessLogFile: a}}}",
            messages: [
                "error spec.values.global.mtls: unknown field \"mtls\": write a PeerAuthentication, or set "
                    + "meshConfig.enableAutoMtls",
                "error spec.values.global.proxy.accessLogFile: unknown field \"accessLogFile\": set "
                    + "meshConfig.accessLogFile",
            ]),
        Pair(name: "no map at all", spec: "demo", messages: ["error spec: must be a map, but is the string \"demo\""]),
        Pair(
            name: "values inside",
            spec: """
                values:
                  global: {imagePullPolicy: always, logAsJson: "yes", imagePullSecrets: regcred, tag: [1]}
                  pilot: {env: {A: {b: c}}, autoscaleEnabled: 1, resources: {requests: {cpu: lots}}}
                  gateways: {istio-ingressgateway: {ports: [{port: http}], type: loadBalancer}}
                  apus: {rbac: mine}
                """,
            messages: [
                "error spec.values.apus.rbac: must be one of derived, istio, but is the string \"mine\"",
                "error spec.values.gateways.istio-ingressgateway.ports[0].port: must be an integer from 1 to 65535, but "
                    + "is the string \"http\"",
                "error spec.values.gateways.istio-ingressgateway.type: must be one of ClusterIP, NodePort, LoadBalancer, "
                    + "ExternalName, but is the string \"loadBalancer\"; did you mean \"LoadBalancer\"?",
                "error spec.values.global.imagePullPolicy: must be one of Always, IfNotPresent, Never, but is the string "
                    + "\"always\"; did you mean \"Always\"?",
                "error spec.values.global.imagePullSecrets: must be a list in which each element is a string, but is the "
                    + "string \"regcred\"",
                "error spec.values.global.logAsJson: must be a boolean (true or false), but is the string \"yes\"",
                "error spec.values.global.tag: must be a string, a number or a boolean, but is the list [1]",
                "error spec.values.pilot.autoscaleEnabled: must be a boolean (true or false), but is the integer 1",
                "error spec.values.pilot.env.A: must be a string, a number or a boolean, but is the map {\"b\":\"c\"}",
                "error spec.values.pilot.resources.requests.cpu: must be an amount such as 500m, 2 or 1Gi, but is the "
                    + "string \"lots\"",
            ]),
        Pair(
            name: "update strategy",
            spec: "updateStrategy: {type: inplace, inactiveRevisionDeletionGracePeriodSeconds: -1, updateWorkloads: 1}",
            messages: [
                "error spec.updateStrategy.inactiveRevisionDeletionGracePeriodSeconds: must be an integer of at least 0, "
                    + "but is the integer -1",
                "error spec.updateStrategy.type: must be one of InPlace, RevisionBased, but is the string \"inplace\"; "
                    + "did you mean \"InPlace\"?",
                "error spec.updateStrategy.updateWorkloads: must be a boolean (true or false), but is the integer 1",
            ]),
        Pair(
            name: "names and images",
            spec: """
                hub: https://docker.io/istio
                tag: "1.20:latest"
                namespace: Istio_System
                revision: 1.20.0
                compatibilityVersion: "1.28.1"
                components:
                  pilot: {hub: a b, tag: -x}
                  ingressGateways: [{name: 1st}]
                """,
            messages: [
                "error spec.compatibilityVersion: must be a minor version such as \"1.29\", but is the string \"1.28.1\"",
                "error spec.namespace: must be \(TextRule.dnsLabel.words), but is the string \"Istio_System\"",
                "error spec.revision: must be a DNS label of at most 56 characters (lower-case letters, digits and "
                    + "\"-\", beginning and ending with a letter or digit), since it is the suffix of Services, but is "
                    + "the string \"1.20.0\"",
                "error spec.hub: must be \(TextRule.imageHub.words), but is the string \"https://docker.io/istio\"",
                "error spec.tag: must be \(TextRule.imageTag.words), but is the string \"1.20:latest\"",
                "error spec.components.pilot.hub: must be \(TextRule.imageHub.words), but is the string \"a b\"",
                "error spec.components.pilot.tag: must be \(TextRule.imageTag.words), but is the string \"-x\"",
                "error spec.components.ingressGateways[0].name: must be \(TextRule.serviceName.words), but is the string "
                    + "\"1st\"",
            ]),
        Pair(
            name: "names and images in values",
            spec: """
                values:
                  global: {hub: "docker.io/istio:1.2", tag: a/b, istioNamespace: a.b}
                  revision: a.b
                  revisionTags: [prod, Stable]
                """,
            messages: [
                "error spec.values.global.hub: must be \(TextRule.imageHub.words), but is the string "
                    + "\"docker.io/istio:1.2\"",
                "error spec.values.global.tag: must be \(TextRule.imageTag.words), but is the string \"a/b\"",
                "error spec.values.global.istioNamespace: must be \(TextRule.dnsLabel.words), but is the string \"a.b\"",
            ]
                + ["spec.values.revision: \"a.b\"", "spec.values.revisionTags[1]: \"Stable\""].map {
                    let parts = $0.split(separator: ": ")
                    return
                        "error \(parts[0]): must be a DNS label of at most 56 characters (lower-case letters, digits "
                        + "and \"-\", beginning and ending with a letter or digit), since it is the suffix of Services, "
                        + "but is the string \(parts[1])"
                }),
    ]

    static let contradictions = [
        Pair(
            name: "which traffic is captured",
            spec: """
                values:
                  global:
                    proxy: {includeIPRanges: "10.0.0.0/8, fd00::/8", excludeIPRanges: 10.0.0.1,
                            includeInboundPorts: "*", excludeInboundPorts: "22,x", excludeOutboundPorts: "0"}
                """,
            messages: [
                "error spec.values.global.proxy.excludeIPRanges: must be \(TextRule.ipRanges.words), but is the string "
                    + "\"10.0.0.1\"",
                "error spec.values.global.proxy.excludeInboundPorts: must be \(TextRule.portNumbers.words), but is the "
                    + "string \"22,x\"",
                "error spec.values.global.proxy.excludeOutboundPorts: must be \(TextRule.portNumbers.words), but is the "
                    + "string \"0\"",
            ]),
        Pair(
            name: "a tag without quotes",
            spec: "tag: 1.10",
            messages: [
                "warning spec.tag: was written without quotes and so is the number 1.1; write it in quotes, for a number "
                    + "loses zeros at its end (1.10 is 1.1)"
            ]),
        Pair(
            name: "two names of one revision",
            spec: "{revision: a, values: {revision: b}}",
            messages: [
                "error spec.values.revision: names the revision \"b\", but spec.revision names \"a\"; name it in one place"
            ]),
        Pair(name: "one name of one revision", spec: "{revision: a, values: {revision: a}}", messages: []),
        Pair(
            name: "gateways of one name",
            spec: """
                components:
                  ingressGateways: [{name: a}, {name: a}, {name: a, namespace: other}, {name: a, enabled: false}]
                  egressGateways: [{name: a}]
                """,
            messages: [
                "error spec.components.ingressGateways[0].name: \"a\" is also the name of "
                    + "spec.components.egressGateways[0]; give each gateway a name of its own",
                "error spec.components.ingressGateways[1].name: \"a\" is also the name of "
                    + "spec.components.egressGateways[0]; give each gateway a name of its own",
            ]),
        Pair(
            name: "replicas the wrong way round",
            spec: """
                components: {pilot: {k8s: {hpaSpec: {minReplicas: 5, maxReplicas: 2}}}}
                values: {pilot: {autoscaleMin: 3, autoscaleMax: 2}}
                """,
            messages: [
                "error spec.components.pilot.k8s.hpaSpec.minReplicas: must be at most maxReplicas, which is 2, but is 5",
                "error spec.values.pilot.autoscaleMin: must be at most autoscaleMax, which is 2, but is 3",
            ]),
        Pair(
            name: "replicaCount under an HPA",
            spec: "components: {pilot: {k8s: {replicaCount: 3, hpaSpec: {maxReplicas: 5}}}}",
            messages: [
                "warning spec.components.pilot.k8s.replicaCount: has no effect while a HorizontalPodAutoscaler decides; "
                    + "set hpaSpec.minReplicas, or switch autoscaleEnabled off in the values"
            ]),
        Pair(
            name: "replicaCount with the HPA switched off",
            spec: """
                components: {pilot: {k8s: {replicaCount: 3, hpaSpec: {maxReplicas: 5}}}}
                values: {pilot: {autoscaleEnabled: false}}
                """,
            messages: []),
        Pair(
            name: "budgets that block drains",
            spec: """
                components:
                  pilot: {k8s: {replicaCount: 1, podDisruptionBudget: {minAvailable: 1}}}
                  cni: {k8s: {podDisruptionBudget: {maxUnavailable: 0}}}
                  ztunnel: {k8s: {replicaCount: 2, podDisruptionBudget: {minAvailable: 100%}}}
                """,
            messages: [
                "warning spec.components.cni.k8s.podDisruptionBudget.maxUnavailable: 0 would block every drain of a node "
                    + "that runs the component",
                "warning spec.components.pilot.k8s.podDisruptionBudget.minAvailable: 1 of a single replica would block "
                    + "every drain of a node that runs the component; raise the replicas or lower it",
                "warning spec.components.ztunnel.k8s.podDisruptionBudget.minAvailable: 100% of 2 replicas would block "
                    + "every drain of a node that runs the component; raise the replicas or lower it",
            ]),
        Pair(
            name: "a budget that leaves room",
            spec: "components: {pilot: {k8s: {replicaCount: 2, podDisruptionBudget: {minAvailable: 1}}}}",
            messages: []),
        Pair(
            name: "rolling updates that cannot begin",
            spec: """
                components:
                  pilot: {k8s: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}}}
                  cni: {k8s: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}}}
                  ztunnel: {k8s: {strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}}}
                """,
            messages: [
                "error spec.components.pilot.k8s.strategy.rollingUpdate.maxUnavailable: must not be 0 while maxSurge is "
                    + "0 too: no Pod could ever be replaced",
                "error spec.components.ztunnel.k8s.strategy.rollingUpdate: is for type RollingUpdate, but the type is "
                    + "Recreate; remove one of them",
            ]),
        Pair(
            name: "both halves of a budget",
            spec: "components: {pilot: {k8s: {podDisruptionBudget: {minAvailable: 1, maxUnavailable: 1}}}}",
            messages: [
                "warning spec.components.pilot.k8s.podDisruptionBudget.minAvailable: is dropped, because maxUnavailable "
                    + "is set too and a PodDisruptionBudget takes only one"
            ]),
    ]
}
