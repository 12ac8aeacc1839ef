import Foundation
import IstioAPI
import KubernetesModel
import Testing

/// IstioOperators as people write them.
@Suite struct AcceptanceTests {
    /// One input file of the public cases that lie beside the project.
    struct Input: Sendable, CustomTestStringConvertible {
        var path: String
        var isRefused: Bool
        var testDescription: String { path.split(separator: "/").suffix(2).joined(separator: "/") }
    }

    static let cases = URL(filePath: #filePath).appending(path: "../../../../shared/conformance/cases").standardized

    static let inputs: [Input] = ["manifest-generate", "manifest-fields"].flatMap { suite -> [Input] in
        let folder = cases.appending(path: suite).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().flatMap { name -> [Input] in
            let folder = "\(folder)/\(name)"
            let expectation = (try? JSONValue(parsing: text("\(folder)/case.json")))?["expect", "type"]
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return files.sorted().filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("golden") }.map {
                Input(path: "\(folder)/\($0)", isRefused: expectation == "fail")
            }
        }
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    @Test(.enabled(if: !inputs.isEmpty, "the public cases are not beside the project"), arguments: inputs)
    func judgesPublicCasesAsTheirAuthors(_ input: Input) throws {
        let documents = try JSONValue.documents(yaml: Self.text(input.path))
        #expect(!documents.isEmpty)
        let diagnostics = documents.flatMap { IstioOperator(UnstructuredObject($0)).read().diagnostics }
        #expect(diagnostics.hasErrors == input.isRefused, "\(diagnostics)")
        if !input.isRefused { #expect(diagnostics == []) }
    }

    /// One of everything that documentation and production files show.
    @Test func takesAProductionFile() throws {
        let documents = try JSONValue.documents(yaml: Self.production)
        let read = IstioOperator(UnstructuredObject(try #require(documents.first))).read()
        #expect(read.diagnostics == [])
    }

    static let production = """
        apiVersion: install.istio.io/v1alpha1
        kind: IstioOperator
        metadata: {name: production, namespace: istio-system}
        spec:
          profile: default
          hub: registry.example.com:5000/mesh/istio
          tag: 1.29.1-distroless
          revision: 1-29-1
          meshConfig:
            accessLogFile: /dev/stdout
            enableAutoMtls: true
            defaultConfig: {holdApplicationUntilProxyStarts: true, proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}
            extensionProviders: [{name: otel, opentelemetry: {service: otel.observability.svc.cluster.local, port: 4317}}]
          components:
            base: {enabled: true}
            cni: {enabled: false}
            pilot:
              k8s:
                env:
                - {name: PILOT_TRACE_SAMPLING, value: "1"}
                - {name: POD, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}}
                - {name: KEY, valueFrom: {secretKeyRef: {name: a, key: b, optional: true}}}
                resources: {requests: {cpu: 500m, memory: 2Gi, ephemeral-storage: 1}, limits: {cpu: 1.5}}
                hpaSpec:
                  minReplicas: 2
                  maxReplicas: 5
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: istiod}
                  metrics:
                  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
                  behavior: {scaleDown: {stabilizationWindowSeconds: 300}}
                podDisruptionBudget: {minAvailable: 1}
                strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 100%, maxUnavailable: 0}}
                affinity:
                  podAntiAffinity:
                    preferredDuringSchedulingIgnoredDuringExecution:
                    - {weight: 100, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: istiod}}}}
                tolerations:
                - {key: dedicated, operator: Equal, value: infra, effect: NoSchedule}
                - {operator: Exists, effect: NoExecute, tolerationSeconds: 60}
                nodeSelector: {kubernetes.io/os: linux}
                priorityClassName: system-cluster-critical
                podAnnotations: {cluster-autoscaler.kubernetes.io/safe-to-evict: "true"}
                readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 3, timeoutSeconds: 5}
                securityContext: {runAsNonRoot: true, fsGroup: 1337, seccompProfile: {type: RuntimeDefault}}
                volumes: [{name: extra, configMap: {name: extra, optional: true}}]
                volumeMounts: [{name: extra, mountPath: /extra, readOnly: true}]
                overlays:
                - apiVersion: apps/v1
                  kind: Deployment
                  name: istiod
                  patches:
                  - {path: "spec.template.spec.containers.[name:discovery].args.[30m]", value: 60m}
                  - {path: spec.template.spec.hostAliases, value: [{ip: 10.0.0.1, hostnames: [a]}]}
                  - {path: metadata.labels.foo}
                  - {path: metadata.labels.bar, value: null}
            ingressGateways:
            - name: istio-ingressgateway
              enabled: true
              label: {istio: ingressgateway, topology.istio.io/network: net1}
              k8s:
                imagePullPolicy: IfNotPresent
                serviceAnnotations: {service.beta.kubernetes.io/aws-load-balancer-type: nlb}
                service:
                  type: LoadBalancer
                  externalTrafficPolicy: Local
                  loadBalancerSourceRanges: [10.0.0.0/8]
                  ports:
                  - {name: status-port, port: 15021, targetPort: 15021}
                  - {name: http2, port: 80, targetPort: 8080, nodePort: 31380, protocol: TCP}
                  - {name: https, port: 443, targetPort: https, appProtocol: https}
            - name: istio-eastwestgateway
              namespace: edge
              k8s: {service: {selector: {istio: eastwest}}}
            egressGateways:
            - {name: istio-egressgateway, enabled: true, tag: 7}
          values:
            global:
              meshID: mesh1
              network: net1
              multiCluster: {clusterName: c1, enabled: true}
              imagePullSecrets: [regcred]
              logging: {level: "default:info"}
              proxy: {resources: {requests: {cpu: 10m}}, privileged: false, excludeIPRanges: 169.254.169.254/32}
              proxy_init: {resources: {limits: {cpu: 100m}}}
              tracer: {zipkin: {address: zipkin.tracing:9411}}
            pilot: {autoscaleEnabled: true, traceSampling: 1, env: {A: true, B: 1, C: c}, rollingMaxSurge: 50%}
            gateways: {istio-ingressgateway: {runAsRoot: true, autoscaleMin: 2, env: {X: "1"}}, istio-egressgateway: {type: ClusterIP}}
            sidecarInjectorWebhook: {rewriteAppHTTPProbe: true, neverInjectSelector: [{matchLabels: {a: b}}]}
            telemetry: {enabled: true, v2: {enabled: true, prometheus: {enabled: true}}}
            cni: {excludeNamespaces: [kube-system], ambient: {enabled: false}, cniBinDir: /opt/cni/bin}
            ztunnel: {resources: {requests: {cpu: 1}}}
            base: {enableIstioConfigCRDs: true, validationURL: ""}
            apus: {rbac: derived}
          unvalidatedValues: {my: {own: [thing]}}
          updateStrategy: {type: InPlace, updateWorkloads: true, maxUnavailableWorkloads: 1}
        """
}
