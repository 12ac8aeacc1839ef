/// A mesh of two workloads, a service, routes, subsets and a policy, as people keep them in files.
let meshExample = """
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      selector: {app: reviews}
      ports: [{name: http, port: 80, targetPort: web}]
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: reviews-v1, namespace: shop}
    spec:
      template:
        metadata: {labels: {app: reviews, version: v1}}
        spec:
          serviceAccountName: reviews
          containers: [{name: app, ports: [{name: web, containerPort: 9080}]}]
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: client
      namespace: shop
      labels: {app: client, security.istio.io/tlsMode: istio}
    spec: {serviceAccountName: buyer, containers: [{name: app}]}
    status: {podIP: 10.1.2.3, phase: Running}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: reviews, namespace: shop}
    spec:
      hosts: [reviews]
      http:
      - name: old
        match: [{uri: {prefix: /old}}]
        redirect: {uri: /new}
      - name: all
        rewrite: {uri: /v1}
        route: [{destination: {host: reviews, subset: v1}}]
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: reviews, namespace: shop}
    spec:
      host: reviews
      subsets: [{name: v1, labels: {version: v1}}]
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: buyers, namespace: shop}
    spec:
      selector: {matchLabels: {app: reviews}}
      rules:
      - from: [{source: {principals: [cluster.local/ns/shop/sa/buyer]}}]
        to: [{operation: {methods: [GET], paths: [/v1*]}}]
    """
