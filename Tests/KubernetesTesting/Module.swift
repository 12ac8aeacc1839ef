/// # KubernetesTesting: a real API server for tests
///
/// ```
///  TestCluster.shared ─► Hack/cluster up ─► etcd, kube-apiserver, controllers ─► kubeconfig ─► KubernetesClient
///       │                                                                                          │
///       ├─ withNamespace { … }  one namespace a test                                               │
///       └─ stop, start          parts of the cluster taken away and brought back ◄── tests ────────┘
/// ```
///
/// One cluster serves all tests of a process; it starts with the first that needs it and ends with the process. A test
/// that breaks things starts one of its own. `APUS_TEST_KUBECONFIG` names a cluster to use instead.
enum KubernetesTesting {}
