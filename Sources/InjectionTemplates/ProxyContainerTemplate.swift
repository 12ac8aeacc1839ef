/// The container of agent and proxy beside the containers of a Pod.
let proxyContainerTemplate =
    head + agentEnvironment() + probes + containerResources("$proxy.resources") + securityContext + agentMounts

private let head = #"""
      - name: istio-proxy
        image: {{ $image | quote }}
        {{- with $global.imagePullPolicy }}
        imagePullPolicy: {{ . | quote }}
        {{- end }}
        {{- if $isNative }}
        restartPolicy: Always
        {{- end }}
        ports:
        - {containerPort: 15090, protocol: TCP, name: http-envoy-prom}
        args:
        - proxy
        - sidecar
        - --domain
        - $(POD_NAMESPACE).svc.{{ $proxy.clusterDomain }}
        - --proxyLogLevel={{ annotation $meta `sidecar.istio.io/logLevel` $proxy.logLevel }}
        - --proxyComponentLogLevel={{ annotation $meta `sidecar.istio.io/componentLogLevel` $proxy.componentLogLevel }}
        - --log_output_level={{ $agentLevel }}
        {{- with $global.sts.servicePort }}
        - --stsPort={{ . }}
        {{- end }}
        {{- if $global.logAsJson }}
        - --log_as_json
        {{- end }}
        {{- with $proxy.outlierLogPath }}
        - --outlierLogPath={{ . }}
        {{- end }}
        {{- if $proxy.lifecycle }}
        lifecycle:
          {{- toYaml $proxy.lifecycle | nindent 6 }}
        {{- else if $waits }}
        lifecycle: {postStart: {exec: {command: [pilot-agent, wait]}}}
        {{- else if $isNative }}
        lifecycle:
          preStop: {exec: {command: [pilot-agent, request, "--debug-port={{ $statusPort }}", POST, drain]}}
        {{- end }}

    """#

private let probes = #"""
        {{- if ne (printf "%v" $statusPort) "0" }}
        {{- if $proxy.startupProbe.enabled }}
        startupProbe:
          httpGet: {path: /healthz/ready, port: 15021}
          initialDelaySeconds: 0
          periodSeconds: 1
          timeoutSeconds: 3
          failureThreshold: {{ $proxy.startupProbe.failureThreshold }}
        {{- end }}
        readinessProbe:
          httpGet: {path: /healthz/ready, port: 15021}
          initialDelaySeconds: {{ annotation $meta `readiness.status.sidecar.istio.io/initialDelaySeconds` $proxy.readinessInitialDelaySeconds }}
          periodSeconds: {{ annotation $meta `readiness.status.sidecar.istio.io/periodSeconds` $proxy.readinessPeriodSeconds }}
          timeoutSeconds: 3
          failureThreshold: {{ annotation $meta `readiness.status.sidecar.istio.io/failureThreshold` $proxy.readinessFailureThreshold }}
        {{- end }}

    """#

/// What a container may use: what the Pod says of the mesh's containers, or a standard that it need not give. A Pod that
/// names any of the amounts names all of them.
func containerResources(_ standard: String) -> String {
    saidResources + "    {{- else }}\n    {{- with \(standard) }}" + usualResources
}

private let saidResources = #"""
        {{- if or $cpu $memory $cpuLimit $memoryLimit }}
        resources:
          {{- if or $cpu $memory }}
          requests:
            {{- with $cpu }}
            cpu: {{ . | quote }}
            {{- end }}
            {{- with $memory }}
            memory: {{ . | quote }}
            {{- end }}
          {{- end }}
          {{- if or $cpuLimit $memoryLimit }}
          limits:
            {{- with $cpuLimit }}
            cpu: {{ . | quote }}
            {{- end }}
            {{- with $memoryLimit }}
            memory: {{ . | quote }}
            {{- end }}
          {{- end }}

    """#

private let usualResources = #"""

        resources:
          {{- toYaml . | nindent 6 }}
        {{- end }}
        {{- end }}

    """#

private let securityContext = #"""
        securityContext:
          allowPrivilegeEscalation: {{ $proxy.privileged }}
          privileged: {{ $proxy.privileged }}
          readOnlyRootFilesystem: {{ not $dumps }}
          runAsNonRoot: {{ not $asRoot }}
          runAsUser: {{ if $asRoot }}0{{ else }}{{ $uid }}{{ end }}
          runAsGroup: {{ $gid }}
          capabilities:
            drop: [ALL]
            {{- if $asRoot }}
            add: [{{ if eq $mode "TPROXY" }}NET_ADMIN{{ if $binds }}, {{ end }}{{ end }}{{ if $binds }}NET_BIND_SERVICE{{ end }}]
            {{- end }}
          {{- with $proxy.seccompProfile }}
          seccompProfile:
            {{- toYaml . | nindent 8 }}
          {{- end }}

    """#
