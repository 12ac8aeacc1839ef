/// What both agents' containers ask more than once.
let agentVariables = #"""
    {{- $meta := .ObjectMeta }}
    {{- $said := .ObjectMeta.Annotations }}
    {{- $labels := .ObjectMeta.Labels }}
    {{- $global := .Values.global }}
    {{- $proxy := .Values.global.proxy }}
    {{- $statusPort := annotation $meta `status.sidecar.istio.io/port` $proxy.statusPort }}
    {{- $agentLevel := annotation $meta `sidecar.istio.io/agentLogLevel` $global.logging.level }}
    {{- $named := annotation $meta `sidecar.istio.io/proxyImage` $proxy.image }}
    {{- $image := .ProxyImage }}
    {{- if contains "/" $named }}{{ $image = $named }}{{ end }}
    {{- $uid := .ProxyUID | default 1337 }}
    {{- $gid := .ProxyGID | default 1337 }}
    {{- $workload := index $labels `service.istio.io/workload-name` | default .DeploymentMeta.Name }}
    {{- $containers := list }}
    {{- range .Spec.Containers }}
    {{- if ne .Name "istio-proxy" }}{{ $containers = append $containers .Name }}{{ end }}
    {{- end }}

    """#

/// The environment of the agent.
///
/// - Parameters:
///   - leading: Variables before all others.
///   - runsEnvoy: Whether there is a proxy, to which traffic is led.
func agentEnvironment(leading: [(String, String)] = [], runsEnvoy: Bool = true) -> String {
    let leadingText = leading.map { "    - name: \($0)\n      value: \"\($1)\"\n" }.joined()
    return "    env:\n" + leadingText + (runsEnvoy ? loopbackVariable : "") + identityVariables
        + (runsEnvoy ? limitVariables : "") + podVariables
        + (runsEnvoy ? captureVariables : "") + workloadVariables
}

private let loopbackVariable = #"""
        {{- if eq .InboundTrafficPolicyMode "localhost" }}
        - name: REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION
          value: "true"
        {{- end }}

    """#

private let identityVariables = #"""
        - name: PILOT_CERT_PROVIDER
          value: {{ $global.pilotCertProvider }}
        - name: CA_ADDR
          value: {{ $global.caAddress | default .ProxyConfig.DiscoveryAddress }}
        {{- range $name, $path := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" "INSTANCE_IP" "status.podIP" "SERVICE_ACCOUNT" "spec.serviceAccountName" "HOST_IP" "status.hostIP" "ISTIO_META_NODE_NAME" "spec.nodeName" }}
        - name: {{ $name }}
          valueFrom:
            fieldRef:
              fieldPath: {{ $path }}
        {{- end }}

    """#

private let limitVariables = #"""
        {{- range $name, $limit := dict "ISTIO_CPU_LIMIT" "limits.cpu" "GOMEMLIMIT" "limits.memory" }}
        - name: {{ $name }}
          valueFrom:
            resourceFieldRef:
              resource: {{ $limit }}
              divisor: "1"
        {{- end }}

    """#

private let podVariables = #"""
        - name: PROXY_CONFIG
          value: {{ protoToJSON .ProxyConfig | quote }}
        - name: ISTIO_META_POD_PORTS
          value: |-
            [
            {{- $comma := "" }}
            {{- range .Spec.Containers }}
            {{- range .Ports }}
            {{- $port := structToJSON . }}
            {{- if $port }}{{ $comma }}{{ $port }}{{ $comma = "," }}{{ end }}
            {{- end }}
            {{- end }}
            ]
        - name: ISTIO_META_APP_CONTAINERS
          value: {{ $containers | join "," | quote }}
        - name: ISTIO_META_CLUSTER_ID
          value: {{ valueOrDefault $global.multiCluster.clusterName "Kubernetes" | quote }}

    """#

private let captureVariables = #"""
        - name: ISTIO_META_INTERCEPTION_MODE
          value: {{ index $said `sidecar.istio.io/interceptionMode` | default (printf "%v" .ProxyConfig.InterceptionMode) | quote }}

    """#

private let workloadVariables = #"""
        {{- with $global.network }}
        - name: ISTIO_META_NETWORK
          value: {{ . | quote }}
        {{- end }}
        {{- with $workload }}
        - name: ISTIO_META_WORKLOAD_NAME
          value: {{ . | quote }}
        {{- end }}
        {{- if and .TypeMeta.APIVersion .DeploymentMeta.Name }}
        - name: ISTIO_META_OWNER
          value: kubernetes://apis/{{ .TypeMeta.APIVersion }}/namespaces/{{ valueOrDefault .DeploymentMeta.Namespace "default" }}/{{ toLower .TypeMeta.Kind }}s/{{ .DeploymentMeta.Name }}
        {{- end }}
        {{- if isset $said `sidecar.istio.io/bootstrapOverride` }}
        - name: ISTIO_BOOTSTRAP_OVERRIDE
          value: /etc/istio/custom-bootstrap/custom_bootstrap.json
        {{- end }}
        {{- with $global.meshID | default .MeshConfig.TrustDomain }}
        - name: ISTIO_META_MESH_ID
          value: {{ . | quote }}
        {{- end }}
        {{- with .MeshConfig.TrustDomain }}
        - name: TRUST_DOMAIN
          value: {{ . | quote }}
        {{- end }}
        {{- with .CompliancePolicy }}
        - name: COMPLIANCE_POLICY
          value: {{ . | quote }}
        {{- end }}
        {{- if eq .CompliancePolicy "fips-140-3" }}
        - name: GODEBUG
          value: fips140=only
        {{- end }}
        {{- if eq $proxy.tracer "datadog" }}
        {{- with index $said `apm.datadoghq.com/env` }}
        {{- range $key, $value := fromJSON . }}
        - name: {{ $key }}
          value: {{ $value | quote }}
        {{- end }}
        {{- end }}
        {{- end }}
        {{- range $key, $value := .ProxyConfig.ProxyMetadata }}
        - name: {{ $key }}
          value: {{ $value | quote }}
        {{- end }}

    """#

/// Where the agent finds its identity and leaves what the proxy needs.
let agentMounts = #"""
        volumeMounts:
        - {name: workload-socket, mountPath: /var/run/secrets/workload-spiffe-uds}
        - {name: credential-socket, mountPath: /var/run/secrets/credential-uds}
        - {name: workload-certs, mountPath: /var/run/secrets/workload-spiffe-credentials}
        - {name: istiod-ca-cert, mountPath: /var/run/secrets/istio}
        - {name: istio-ca-crl, mountPath: /var/run/secrets/istio/crl}
        - {name: istio-token, mountPath: /var/run/secrets/tokens}
        - {name: istio-data, mountPath: /var/lib/istio/data}
        - {name: istio-envoy, mountPath: /etc/istio/proxy}
        - {name: istio-podinfo, mountPath: /etc/istio/pod}
        {{- if isset $said `sidecar.istio.io/bootstrapOverride` }}
        - {name: custom-bootstrap-volume, mountPath: /etc/istio/custom-bootstrap}
        {{- end }}
        {{- if $global.mountMtlsCerts }}
        - {name: istio-certs, mountPath: /etc/certs/, readOnly: true}
        {{- end }}
        {{- with index $said `sidecar.istio.io/userVolumeMount` }}
        {{- range $name, $mount := fromJSON . }}
        - name: {{ $name | quote }}
          {{- toYaml $mount | nindent 6 }}
        {{- end }}
        {{- end }}

    """#

/// The Pod's volumes for both. The socket's folder has no source, so that another template may give it one.
let agentVolumes = #"""
      volumes:
      - name: workload-socket
      - {name: credential-socket, emptyDir: {}}
      - {name: workload-certs, emptyDir: {}}
      - {name: istio-envoy, emptyDir: {medium: Memory}}
      - {name: istio-data, emptyDir: {}}

    """# + agentInformationVolumes + #"""
          - {name: istio-ca-crl, configMap: {name: istio-ca-crl, optional: true}}
          {{- with index $said `sidecar.istio.io/bootstrapOverride` }}
          - name: custom-bootstrap-volume
            configMap:
              name: {{ . }}
          {{- end }}
          {{- if $global.mountMtlsCerts }}
          - name: istio-certs
            secret:
              optional: true
              secretName: {{ if eq .Spec.ServiceAccountName "" }}istio.default{{ else }}istio.{{ .Spec.ServiceAccountName }}{{ end }}
          {{- end }}
          {{- with index $said `sidecar.istio.io/userVolume` }}
          {{- range $name, $volume := fromJSON . }}
          - name: {{ $name | quote }}
            {{- toYaml $volume | nindent 4 }}
          {{- end }}
          {{- end }}

        """# + pullSecrets

/// What the agent knows its Pod and its control plane by.
let agentInformationVolumes = #"""
      - name: istio-podinfo
        downwardAPI:
          items:
          - {path: labels, fieldRef: {fieldPath: metadata.labels}}
          - {path: annotations, fieldRef: {fieldPath: metadata.annotations}}
      - name: istio-token
        projected:
          sources:
          - serviceAccountToken:
              path: istio-token
              expirationSeconds: 43200
              audience: {{ $global.sds.token.aud }}
      - name: istiod-ca-cert
        configMap:
          name: {{ $global.trustBundleName | default "istio-ca-root-cert" }}
          optional: {{ ne $global.pilotCertProvider "istiod" }}

    """#

/// The secrets that images are pulled with.
let pullSecrets = #"""
      {{- with $global.imagePullSecrets }}
      imagePullSecrets:
      {{- range . }}
      - name: {{ . }}
      {{- end }}
      {{- end }}

    """#
