/// The template "grpc-simple" in Istio's template language: gRPC clients that ask the control plane themselves, in
/// plaintext and without an identity.
let proxylessTemplate = #"""
    metadata:
      annotations:
        sidecar.istio.io/rewriteAppHTTPProbers: "false"
    spec:
      initContainers:
      - name: grpc-bootstrap-init
        image: busybox:1.28
        volumeMounts:
        - {name: grpc-io-proxyless-bootstrap, mountPath: /var/lib/grpc/data/}
        env:
        {{- range $name, $path := dict "INSTANCE_IP" "status.podIP" "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" }}
        - name: {{ $name }}
          valueFrom:
            fieldRef:
              fieldPath: {{ $path }}
        {{- end }}
        - name: ISTIO_NAMESPACE
          value: {{ .Values.global.istioNamespace | quote }}
        command:
        - sh
        - -c
        - >-
          printf '{"xds_servers":[{"server_uri":"dns:///istiod.%s.svc:15010","channel_creds":[{"type":"insecure"}],"server_features":["xds_v3"]}],"node":{"id":"sidecar~%s~%s.%s~cluster.local","metadata":{"GENERATOR":"grpc"}}}'
          "$ISTIO_NAMESPACE" "$INSTANCE_IP" "$POD_NAME" "$POD_NAMESPACE" > /var/lib/grpc/data/bootstrap.json
      containers:
      {{- range .Spec.Containers }}
      {{- if ne .Name "istio-proxy" }}
      - name: {{ .Name }}
        env:
        - {name: GRPC_XDS_BOOTSTRAP, value: /var/lib/grpc/data/bootstrap.json}
        - {name: GRPC_GO_LOG_VERBOSITY_LEVEL, value: "99"}
        - {name: GRPC_GO_LOG_SEVERITY_LEVEL, value: info}
        volumeMounts:
        - {name: grpc-io-proxyless-bootstrap, mountPath: /var/lib/grpc/data/}
      {{- end }}
      {{- end }}
      volumes:
      - {name: grpc-io-proxyless-bootstrap, emptyDir: {}}

    """#

/// The template "grpc-agent" in Istio's template language: gRPC clients with an agent beside them, and no Envoy.
let agentTemplate =
    agentVariables + agentHead
    + agentEnvironment(
        leading: [
            ("ISTIO_META_GENERATOR", "grpc"), ("OUTPUT_CERTS", "/var/lib/istio/data"),
            ("ISTIO_META_DNS_CAPTURE", "false"), ("DISABLE_ENVOY", "true"),
            ("GRPC_XDS_BOOTSTRAP", "/etc/istio/proxy/grpc-bootstrap.json"),
        ], runsEnvoy: false) + agentTail + agentInformationVolumes + pullSecrets

private let agentHead = #"""
    metadata:
      labels:
        service.istio.io/canonical-name: {{ index $labels `service.istio.io/canonical-name` | default (index $labels `app.kubernetes.io/name`) | default (index $labels `app`) | default $workload | trunc 63 | trimSuffix "-" | quote }}
        service.istio.io/canonical-revision: {{ index $labels `service.istio.io/canonical-revision` | default (index $labels `app.kubernetes.io/version`) | default (index $labels `version`) | default "latest" | quote }}
        {{- with $global.network }}
        topology.istio.io/network: {{ index $labels `topology.istio.io/network` | default . | quote }}
        {{- end }}
      annotations:
        istio.io/rev: {{ .Revision | default "default" | quote }}
        sidecar.istio.io/rewriteAppHTTPProbers: "false"
        {{- if $containers }}
        {{- range $key := list "kubectl.kubernetes.io/default-logs-container" "kubectl.kubernetes.io/default-container" }}
        {{- if not (isset $said $key) }}
        {{ $key }}: {{ index $containers 0 | quote }}
        {{- end }}
        {{- end }}
        {{- end }}
    spec:
      containers:
      - name: istio-proxy
        image: {{ $image | quote }}
        {{- with $global.imagePullPolicy }}
        imagePullPolicy: {{ . | quote }}
        {{- end }}
        ports:
        - {containerPort: 15020, protocol: TCP, name: mesh-metrics}
        args:
        - proxy
        - sidecar
        - --domain
        - $(POD_NAMESPACE).svc.{{ $proxy.clusterDomain }}
        - --proxyLogLevel={{ annotation $meta `sidecar.istio.io/logLevel` $proxy.logLevel }}
        - --proxyComponentLogLevel={{ annotation $meta `sidecar.istio.io/componentLogLevel` $proxy.componentLogLevel }}
        - --log_output_level={{ $agentLevel }}
        {{- if $global.logAsJson }}
        - --log_as_json
        {{- end }}
        lifecycle:
        {{- if $proxy.lifecycle }}
          {{- toYaml $proxy.lifecycle | nindent 6 }}
        {{- else }}
          postStart: {exec: {command: [pilot-agent, wait, "--url=http://localhost:15020/healthz/ready"]}}
        {{- end }}
        readinessProbe:
          httpGet: {path: /healthz/ready, port: 15020}
          initialDelaySeconds: {{ $proxy.readinessInitialDelaySeconds }}
          periodSeconds: {{ $proxy.readinessPeriodSeconds }}
          timeoutSeconds: 3
          failureThreshold: {{ $proxy.readinessFailureThreshold }}
        {{- with $proxy.resources }}
        resources:
          {{- toYaml . | nindent 6 }}
        {{- end }}

    """#

private let agentTail = #"""
        volumeMounts:
        - {name: workload-socket, mountPath: /var/run/secrets/workload-spiffe-uds}
        - {name: workload-certs, mountPath: /var/run/secrets/workload-spiffe-credentials}
        - {name: istiod-ca-cert, mountPath: /var/run/secrets/istio}
        - {name: istio-data, mountPath: /var/lib/istio/data}
        - {name: istio-xds, mountPath: /etc/istio/proxy}
        - {name: istio-token, mountPath: /var/run/secrets/tokens}
        - {name: istio-podinfo, mountPath: /etc/istio/pod}
      {{- range $containers }}
      - name: {{ . }}
        env:
        - {name: GRPC_XDS_EXPERIMENTAL_SECURITY_SUPPORT, value: "true"}
        - {name: GRPC_XDS_BOOTSTRAP, value: /etc/istio/proxy/grpc-bootstrap.json}
        volumeMounts:
        - {name: istio-data, mountPath: /var/lib/istio/data}
        - {name: istio-xds, mountPath: /etc/istio/proxy}
        - {name: workload-certs, mountPath: /var/run/secrets/workload-spiffe-credentials}
      {{- end }}
      volumes:
      - name: workload-socket
      - {name: workload-certs, emptyDir: {}}
      - {name: istio-xds, emptyDir: {medium: Memory}}
      - {name: istio-data, emptyDir: {}}

    """#
