// Command peer serves given resources with go-control-plane: what a control plane costs that only pushes.
//
//	peer -listen 127.0.0.1:18000 -admin 127.0.0.1:18001 FOLDER
//
// FOLDER holds NAMESPACE.pb, each a DiscoveryResponse with all that proxies of that namespace get. POST /touch?type=EDS&
// name=CLUSTER on the admin port changes a resource for all of them, as an edit would.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	cachev3 "github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	resourcev3 "github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	serverv3 "github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// namespaceHash puts all proxies of a namespace together.
type namespaceHash struct{}

func (namespaceHash) ID(node *corev3.Node) string {
	return node.GetMetadata().GetFields()["NAMESPACE"].GetStringValue()
}

var kinds = map[string]string{
	"CDS": resourcev3.ClusterType, "EDS": resourcev3.EndpointType, "LDS": resourcev3.ListenerType,
	"RDS": resourcev3.RouteType,
}

type peer struct {
	cache   cachev3.SnapshotCache
	held    map[string]map[string]map[string]types.Resource
	version int
	touched int
}

func main() {
	listen := flag.String("listen", "127.0.0.1:18000", "address of xDS")
	admin := flag.String("admin", "127.0.0.1:18001", "address of /touch")
	flag.Parse()
	ctx := context.Background()
	p := &peer{cache: cachev3.NewSnapshotCache(true, namespaceHash{}, nil), held: map[string]map[string]map[string]types.Resource{}}
	files, err := filepath.Glob(filepath.Join(flag.Arg(0), "*.pb"))
	check(err)
	shared := map[string]types.Resource{}
	for _, file := range files {
		namespace := strings.TrimSuffix(filepath.Base(file), ".pb")
		p.held[namespace] = read(file, shared)
		check(p.publish(ctx, namespace))
	}
	server := grpc.NewServer(grpc.MaxConcurrentStreams(1 << 20))
	discoveryv3.RegisterAggregatedDiscoveryServiceServer(server, serverv3.NewServer(ctx, p.cache, nil))
	http.HandleFunc("/touch", func(w http.ResponseWriter, r *http.Request) {
		if err := p.touch(ctx, kinds[r.FormValue("type")], r.FormValue("name")); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
		}
	})
	go func() { check(http.ListenAndServe(*admin, nil)) }()
	listener, err := net.Listen("tcp", *listen)
	check(err)
	fmt.Println("ready")
	check(server.Serve(listener))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// read reads a namespace's resources. Equal ones of several namespaces are one in memory.
func read(file string, shared map[string]types.Resource) map[string]map[string]types.Resource {
	data, err := os.ReadFile(file)
	check(err)
	var all discoveryv3.DiscoveryResponse
	check(proto.Unmarshal(data, &all))
	held := map[string]map[string]types.Resource{}
	for _, packed := range all.Resources {
		key := packed.TypeUrl + string(packed.Value)
		message, ok := shared[key]
		if !ok {
			unpacked, err := packed.UnmarshalNew()
			check(err)
			message = unpacked
			shared[key] = message
		}
		if held[packed.TypeUrl] == nil {
			held[packed.TypeUrl] = map[string]types.Resource{}
		}
		held[packed.TypeUrl][cachev3.GetResourceName(message)] = message
	}
	return held
}

func (p *peer) publish(ctx context.Context, namespace string) error {
	p.version++
	resources := map[string][]types.Resource{}
	for kind, byName := range p.held[namespace] {
		for _, message := range byName {
			resources[kind] = append(resources[kind], message)
		}
	}
	snapshot, err := cachev3.NewSnapshot(strconv.Itoa(p.version), resources)
	if err != nil {
		return err
	}
	return p.cache.SetSnapshot(ctx, namespace, snapshot)
}

func (p *peer) touch(ctx context.Context, kind, name string) error {
	p.touched++
	for namespace, held := range p.held {
		message, ok := held[kind][name]
		if !ok {
			return fmt.Errorf("namespace %s has no %s %q", namespace, kind, name)
		}
		changed := proto.Clone(message)
		switch m := changed.(type) {
		case *endpointv3.ClusterLoadAssignment:
			first := m.Endpoints[0].LbEndpoints[0]
			first.LoadBalancingWeight = wrapperspb.UInt32(uint32(1 + p.touched))
		case *clusterv3.Cluster:
			m.ConnectTimeout = durationpb.New(1e9 * 1)
			m.ConnectTimeout.Nanos = int32(p.touched)
		case *listenerv3.Listener:
			m.StatPrefix = strconv.Itoa(p.touched)
		case *routev3.RouteConfiguration:
			m.MaxDirectResponseBodySizeBytes = wrapperspb.UInt32(uint32(p.touched))
		}
		held[kind][name] = changed
		if err := p.publish(ctx, namespace); err != nil {
			return err
		}
	}
	return nil
}
