/// The template "sidecar" in Istio's template language, for Istio's own injector: the agent with its proxy beside the
/// containers of a Pod, and what leads the Pod's traffic to it.
///
/// It needs what Istio's injector hands to templates from release 1.24 on.
let sidecarTemplate = agentVariables + sidecarVariables + sidecarMetadata + "spec:\n" + sidecarContainers + agentVolumes

private let sidecarVariables = #"""
    {{- $cni := .Values.pilot.cni }}
    {{- $initImage := $image }}
    {{- if and (not (isset $said `sidecar.istio.io/proxyImage`)) (contains "/" $global.proxy_init.image) }}
    {{- $initImage = $global.proxy_init.image }}
    {{- end }}
    {{- $mode := annotation $meta `sidecar.istio.io/interceptionMode` .ProxyConfig.InterceptionMode }}
    {{- $binds := eq (annotation $meta `sidecar.istio.io/capNetBindService` "") "true" }}
    {{- $asRoot := or (eq $mode "TPROXY") $binds }}
    {{- $isNative := ne (index $said `sidecar.istio.io/nativeSidecar` | default (printf "%t" .NativeSidecars)) "false" }}
    {{- $dumps := eq (annotation $meta `sidecar.istio.io/enableCoreDump` $proxy.enableCoreDump) "true" }}
    {{- $waits := and (not $isNative) (or .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue $proxy.holdApplicationUntilProxyStarts) }}
    {{- $outIPs := annotation $meta `traffic.sidecar.istio.io/includeOutboundIPRanges` $proxy.includeIPRanges }}
    {{- $noOutIPs := annotation $meta `traffic.sidecar.istio.io/excludeOutboundIPRanges` $proxy.excludeIPRanges }}
    {{- $outPorts := annotation $meta `traffic.sidecar.istio.io/includeOutboundPorts` (valueOrDefault $proxy.includeOutboundPorts "") }}
    {{- $noOutPorts := annotation $meta `traffic.sidecar.istio.io/excludeOutboundPorts` $proxy.excludeOutboundPorts }}
    {{- $inPorts := annotation $meta `traffic.sidecar.istio.io/includeInboundPorts` $proxy.includeInboundPorts }}
    {{- $noInPorts := excludeInboundPort $statusPort (annotation $meta `traffic.sidecar.istio.io/excludeInboundPorts` $proxy.excludeInboundPorts) }}
    {{- $virtual := index $said `traffic.sidecar.istio.io/kubevirtInterfaces` }}
    {{- $hasVirtual := isset $said `traffic.sidecar.istio.io/kubevirtInterfaces` }}
    {{- if isset $said `istio.io/reroute-virtual-interfaces` }}
    {{- $virtual = index $said `istio.io/reroute-virtual-interfaces` }}
    {{- $hasVirtual = true }}
    {{- end }}
    {{- $cpu := index $said `sidecar.istio.io/proxyCPU` }}
    {{- $memory := index $said `sidecar.istio.io/proxyMemory` }}
    {{- $cpuLimit := index $said `sidecar.istio.io/proxyCPULimit` }}
    {{- $memoryLimit := index $said `sidecar.istio.io/proxyMemoryLimit` }}
    {{- $noInterfaces := index $said `traffic.sidecar.istio.io/excludeInterfaces` }}

    """#

private let sidecarMetadata = #"""
    metadata:
      labels:
        security.istio.io/tlsMode: {{ index $labels `security.istio.io/tlsMode` | default "istio" | quote }}
    {{- if eq (index .ProxyConfig.ProxyMetadata "ISTIO_META_ENABLE_HBONE") "true" }}
        networking.istio.io/tunnel: {{ index $labels `networking.istio.io/tunnel` | default "http" | quote }}
    {{- end }}
        service.istio.io/canonical-name: {{ index $labels `service.istio.io/canonical-name` | default (index $labels `app.kubernetes.io/name`) | default (index $labels `app`) | default $workload | trunc 63 | trimSuffix "-" | quote }}
        service.istio.io/canonical-revision: {{ index $labels `service.istio.io/canonical-revision` | default (index $labels `app.kubernetes.io/version`) | default (index $labels `version`) | default "latest" | quote }}
    {{- with $global.network }}
        topology.istio.io/network: {{ index $labels `topology.istio.io/network` | default . | quote }}
    {{- end }}
      annotations:
        istio.io/rev: {{ .Revision | default "default" | quote }}
    {{- if $containers }}
    {{- range $key := list "kubectl.kubernetes.io/default-logs-container" "kubectl.kubernetes.io/default-container" }}
    {{- if not (isset $said $key) }}
        {{ $key }}: {{ index $containers 0 | quote }}
    {{- end }}
    {{- end }}
    {{- end }}
    {{- if $cni.enabled }}
    {{- if eq $cni.provider "multus" }}
        k8s.v1.cni.cncf.io/networks: '{{ appendMultusNetwork (index $said `k8s.v1.cni.cncf.io/networks`) `default/istio-cni` }}'
    {{- end }}
        sidecar.istio.io/interceptionMode: {{ $mode | quote }}
        traffic.sidecar.istio.io/includeInboundPorts: {{ $inPorts | quote }}
        traffic.sidecar.istio.io/excludeInboundPorts: {{ $noInPorts | quote }}
    {{- with $outIPs }}
        traffic.sidecar.istio.io/includeOutboundIPRanges: {{ . | quote }}
    {{- end }}
    {{- with $noOutIPs }}
        traffic.sidecar.istio.io/excludeOutboundIPRanges: {{ . | quote }}
    {{- end }}
    {{- with $outPorts }}
        traffic.sidecar.istio.io/includeOutboundPorts: {{ . | quote }}
    {{- end }}
    {{- with $noOutPorts }}
        traffic.sidecar.istio.io/excludeOutboundPorts: {{ . | quote }}
    {{- end }}
    {{- with $virtual }}
        istio.io/reroute-virtual-interfaces: {{ . | quote }}
    {{- end }}
    {{- with $noInterfaces }}
        traffic.sidecar.istio.io/excludeInterfaces: {{ . | quote }}
    {{- end }}
    {{- end }}

    """#

/// A native sidecar is an init container that stays; it comes after the one that sets up the capture of traffic.
private let sidecarContainers =
    #"""
      initContainers:
    {{- if and (eq $mode "NONE") (not $isNative) (not $dumps) }} []
    {{- end }}
    {{- if ne $mode "NONE" }}

    """# + captureContainer + #"""
        {{- end }}
        {{- if $dumps }}

        """# + coreDumpContainer + #"""
        {{- end }}
        {{- if not $isNative }}
          containers:
        {{- end }}

        """# + proxyContainerTemplate

private let captureResources = containerResources("$global.proxy_init.resources | default $proxy.resources")

/// What leads the Pod's traffic to the proxy, or where a CNI plugin does that, sees that it was done.
private let captureContainer = #"""
      - name: {{ if $cni.enabled }}istio-validation{{ else }}istio-init{{ end }}
        image: {{ $initImage | quote }}
        args:
        - istio-iptables
        - "-p"
        - {{ .MeshConfig.ProxyListenPort | default 15001 | quote }}
        - "-z"
        - {{ .MeshConfig.ProxyInboundListenPort | default 15006 | quote }}
        - "-u"
        - {{ $uid | quote }}
        - "-m"
        - {{ $mode | quote }}
        - "-i"
        - {{ $outIPs | quote }}
        - "-x"
        - {{ $noOutIPs | quote }}
        - "-b"
        - {{ $inPorts | quote }}
        - "-d"
        - "15090,15021{{ with $noInPorts }},{{ . }}{{ end }}"
        {{- if or $outPorts (isset $said `traffic.sidecar.istio.io/includeOutboundPorts`) }}
        - "-q"
        - {{ $outPorts | quote }}
        {{- end }}
        {{- if or $noOutPorts (isset $said `traffic.sidecar.istio.io/excludeOutboundPorts`) }}
        - "-o"
        - {{ $noOutPorts | quote }}
        {{- end }}
        {{- if $hasVirtual }}
        - "-k"
        - {{ $virtual | quote }}
        {{- end }}
        {{- if isset $said `traffic.sidecar.istio.io/excludeInterfaces` }}
        - "-c"
        - {{ $noInterfaces | quote }}
        {{- end }}
        - "--log_output_level={{ $agentLevel }}"
        {{- if $global.logAsJson }}
        - "--log_as_json"
        {{- end }}
        {{- if $cni.enabled }}
        - "--run-validation"
        - "--skip-rule-apply"
        {{- else if $global.proxy_init.forceApplyIptables }}
        - "--force-apply"
        {{- end }}
        {{- if $global.nativeNftables }}
        - "--native-nftables"
        {{- end }}
        {{- with $global.imagePullPolicy }}
        imagePullPolicy: {{ . | quote }}
        {{- end }}
        {{- with .ProxyConfig.ProxyMetadata }}
        env:
        {{- range $key, $value := . }}
        - name: {{ $key }}
          value: {{ $value | quote }}
        {{- end }}
        {{- end }}

    """# + captureResources + #"""
            securityContext:
              allowPrivilegeEscalation: {{ $proxy.privileged }}
              privileged: {{ $proxy.privileged }}
              readOnlyRootFilesystem: {{ $cni.enabled }}
              runAsNonRoot: {{ $cni.enabled }}
              runAsUser: {{ if $cni.enabled }}{{ $uid }}{{ else }}0{{ end }}
              runAsGroup: {{ if $cni.enabled }}{{ $gid }}{{ else }}0{{ end }}
              capabilities:
                drop: [ALL]
                {{- if not $cni.enabled }}
                add: [NET_ADMIN, NET_RAW]
                {{- end }}
              {{- with $proxy.seccompProfile }}
              seccompProfile:
                {{- toYaml . | nindent 8 }}
              {{- end }}

        """#

/// What lets the Pod's programs leave their memory behind when they fail.
private let coreDumpContainer = #"""
      - name: enable-core-dump
        image: {{ $initImage | quote }}
        command: [/bin/sh]
        args:
        - -c
        - sysctl -w kernel.core_pattern=/var/lib/istio/data/core.proxy && ulimit -c unlimited
        {{- with $global.imagePullPolicy }}
        imagePullPolicy: {{ . | quote }}
        {{- end }}

    """# + captureResources + #"""
            securityContext:
              allowPrivilegeEscalation: true
              privileged: true
              readOnlyRootFilesystem: false
              runAsUser: 0
              runAsGroup: 0
              runAsNonRoot: false
              capabilities: {add: [SYS_ADMIN], drop: [ALL]}

        """#
