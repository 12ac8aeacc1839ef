# shellcheck shell=bash
# The tests that need no cluster, in parts. What is decided by time, as calls and elections are, runs one by one and apart
# from what computes for long: on a small machine that would keep it waiting. All parts run, also after one that fails.

TIMED='^(ControllerRuntime|KubernetesClient|Observability|OperatorControllers)Tests[.]'
PROTOCOL='^(EnvoyAPI|XDSServer)Tests[.]'
SERVER='^DiscoveryServerTests[.]'
AGENT='^(AdmissionWebhook|ProxyAgent|TrafficCapture)Tests[.]'
MESH='^(EnvoyTranslator|MeshModel|MeshTranslator|TrafficSimulator)Tests[.]'
LIVE='^(EnvoyTranslator|TrafficSimulator)Tests[.].*(Traffic[A-Za-z]*Tests|EnvoyAgreement|HeldConnection|PersistentSession|WithEnvoy)'
CONTROL_PLANE='^ControlPlaneTests[.]'
COMPUTED='^ControlPlaneTests[.](ComputedValues|IncrementalResources|MutatedObjects)'

unit_tests() {
    local code=0
    swift_tests unit --skip "$TIMED" --skip APIServerTests --skip "$PROTOCOL" --skip "$SERVER" --skip "$AGENT" \
        --skip "$MESH" --skip "$CONTROL_PLANE" || code=1
    swift_tests timed --skip-build --no-parallel --filter "$TIMED" || code=1
    return "$code"
}

mesh_tests() {
    local code=0
    swift_tests protocol --skip-build --filter "$PROTOCOL" || code=1
    swift_tests server --skip-build --no-parallel --filter "$SERVER" || code=1
    swift_tests agent --skip-build --no-parallel --filter "$AGENT" || code=1
    swift_tests mesh --skip-build --filter "$MESH" --skip "$LIVE" || code=1
    swift_tests live --skip-build --no-parallel --filter "$LIVE" || code=1
    swift_tests computed --skip-build --filter "$COMPUTED" || code=1
    swift_tests control-plane --skip-build --no-parallel --filter "$CONTROL_PLANE" --skip "$COMPUTED" || code=1
    return "$code"
}
