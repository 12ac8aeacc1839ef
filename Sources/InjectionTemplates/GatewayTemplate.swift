/// The template "gateway" in Istio's template language, for Istio's own injector: a Pod whose one container becomes a
/// proxy that stands at the edge of the mesh.
let gatewayTemplate =
    agentVariables + #"""
        metadata:
          labels:
            service.istio.io/canonical-name: {{ index $labels `service.istio.io/canonical-name` | default (index $labels `app.kubernetes.io/name`) | default (index $labels `app`) | default $workload | trunc 63 | trimSuffix "-" | quote }}
            service.istio.io/canonical-revision: {{ index $labels `service.istio.io/canonical-revision` | default (index $labels `app.kubernetes.io/version`) | default (index $labels `version`) | default "latest" | quote }}
            {{- with $global.network }}
            topology.istio.io/network: {{ index $labels `topology.istio.io/network` | default . | quote }}
            {{- end }}
          annotations:
            istio.io/rev: {{ .Revision | default "default" | quote }}
        spec:
          securityContext:
            {{- if .Values.gateways.securityContext }}
            {{- toYaml .Values.gateways.securityContext | nindent 4 }}
            {{- else }}
            sysctls:
            - {name: net.ipv4.ip_unprivileged_port_start, value: "0"}
            {{- end }}
          containers:
          - name: istio-proxy
            image: {{ $image | quote }}
            {{- with $global.imagePullPolicy }}
            imagePullPolicy: {{ . | quote }}
            {{- end }}
            ports:
            - {containerPort: 15090, protocol: TCP, name: http-envoy-prom}
            args:
            - proxy
            - router
            - --domain
            - $(POD_NAMESPACE).svc.{{ $proxy.clusterDomain }}
            - --proxyLogLevel={{ annotation $meta `sidecar.istio.io/logLevel` $proxy.logLevel }}
            - --proxyComponentLogLevel={{ annotation $meta `sidecar.istio.io/componentLogLevel` $proxy.componentLogLevel }}
            - --log_output_level={{ $agentLevel }}
            {{- if $global.logAsJson }}
            - --log_as_json
            {{- end }}
            {{- with $proxy.lifecycle }}
            lifecycle:
              {{- toYaml . | nindent 6 }}
            {{- end }}
            securityContext:
              allowPrivilegeEscalation: false
              privileged: false
              readOnlyRootFilesystem: true
              runAsNonRoot: true
              runAsUser: {{ $uid }}
              runAsGroup: {{ $gid }}
              capabilities: {drop: [ALL]}
            readinessProbe:
              httpGet: {path: /healthz/ready, port: 15021}
              initialDelaySeconds: {{ $proxy.readinessInitialDelaySeconds }}
              periodSeconds: {{ $proxy.readinessPeriodSeconds }}
              timeoutSeconds: 3
              failureThreshold: {{ $proxy.readinessFailureThreshold }}

        """# + agentEnvironment() + agentMounts + agentVolumes
