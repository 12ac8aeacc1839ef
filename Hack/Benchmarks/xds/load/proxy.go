package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	clusters  = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
	endpoints = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
	listeners = "type.googleapis.com/envoy.config.listener.v3.Listener"
	routes    = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
)

var short = map[string]string{clusters: "CDS", endpoints: "EDS", listeners: "LDS", routes: "RDS"}

// proxy is one stream.
type proxy struct {
	client    *loadClient
	number    int
	namespace string
	node      []byte
	seen      atomic.Bool
	first     report

	lock    sync.Mutex
	wanted  map[string]map[string]bool
	has     map[string]map[string][]byte
	lastOf  map[string]response
	settled bool
}

func newProxy(client *loadClient, number int) *proxy {
	namespace := fmt.Sprintf("ns-%d", number%*namespaces)
	app := fmt.Sprintf("svc-%d", number%*services)
	address := fmt.Sprintf("10.%d.%d.%d", 200+number>>16, number>>8&255, number&255)
	metadata, err := structpb.NewStruct(map[string]any{
		"NAMESPACE": namespace, "SERVICE_ACCOUNT": "default", "CLUSTER_ID": "Kubernetes", "INSTANCE_IPS": address,
		"ISTIO_VERSION": "1.30.3", "LABELS": map[string]any{"app": app, "version": "v1"}, "WORKLOAD_NAME": app,
	})
	if err != nil {
		fail(err)
	}
	fields, err := proto.MarshalOptions{Deterministic: true}.Marshal(metadata)
	if err != nil {
		fail(err)
	}
	id := fmt.Sprintf("sidecar~%s~load-%d.%s~%s.svc.cluster.local", address, number, namespace, namespace)
	var node []byte
	node = appendText(node, 1, id)
	node = appendText(node, 2, app+"."+namespace)
	node = protowire.AppendBytes(protowire.AppendTag(node, 3, protowire.BytesType), fields)
	node = appendText(node, 6, "envoy")
	return &proxy{
		client: client, number: number, namespace: namespace, node: node,
		wanted: map[string]map[string]bool{endpoints: nil, routes: nil},
		has:    map[string]map[string][]byte{},
		lastOf: map[string]response{},
	}
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

func (p *proxy) run(ctx context.Context, connection *grpc.ClientConn, synced chan<- *proxy) error {
	start := time.Now()
	method := "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
	if *mode == "sotw" {
		method = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
	}
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := connection.NewStream(ctx, description, method)
	if err != nil {
		return err
	}
	isFirst := true
	send := func(request []byte) error {
		if isFirst {
			field := protowire.Number(1)
			if *mode == "sotw" {
				field = 2
			}
			request = append(protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), p.node), request...)
			isFirst = false
		}
		return stream.SendMsg(request)
	}
	for _, kind := range []string{clusters, listeners} {
		if err := send(p.subscribe(kind, nil, nil, response{})); err != nil {
			return err
		}
	}
	for {
		var data []byte
		if err := stream.RecvMsg(&data); err != nil {
			return err
		}
		r, err := parse(data, *mode == "delta")
		if err != nil {
			return err
		}
		arrived := time.Now()
		if !p.settled {
			p.first.bytes += len(data)
			p.first.resources += len(r.resources)
			p.first.messages++
		}
		p.notice(r, arrived)
		if err := send(p.acknowledge(r)); err != nil {
			return err
		}
		for _, request := range p.take(r) {
			if err := send(request); err != nil {
				return err
			}
		}
		if !p.settled && p.missing() == "" {
			p.settled = true
			p.first.wall = time.Since(start)
			synced <- p
		}
	}
}

// notice tells whoever waits for a resource.
func (p *proxy) notice(r response, arrived time.Time) {
	p.client.lock.RLock()
	a := p.client.awaited
	p.client.lock.RUnlock()
	if a == nil || short[r.kind] != a.kind || p.seen.Load() {
		return
	}
	for _, resource := range r.resources {
		if a.name == "*" || resource.name == a.name {
			if p.seen.CompareAndSwap(false, true) {
				a.times <- arrived.Sub(a.since)
			}
			return
		}
	}
}

// take remembers what came and says what has to be asked for now.
func (p *proxy) take(r response) [][]byte {
	p.lock.Lock()
	defer p.lock.Unlock()
	old := p.has[r.kind]
	if *mode == "sotw" && (r.kind == clusters || r.kind == listeners) || old == nil {
		p.has[r.kind] = map[string][]byte{}
	}
	for _, resource := range r.resources {
		p.has[r.kind][resource.name] = resource.body
	}
	for _, name := range r.removed {
		delete(p.has[r.kind], name)
	}
	child := map[string]string{clusters: endpoints, listeners: routes}[r.kind]
	if child == "" {
		return nil
	}
	wanted := map[string]bool{}
	for name, body := range p.has[r.kind] {
		for _, dependent := range p.client.names.of(r.kind, name, body) {
			wanted[dependent] = true
		}
	}
	var added, removed []string
	for name := range wanted {
		if !p.wanted[child][name] {
			added = append(added, name)
		}
	}
	for name := range p.wanted[child] {
		if !wanted[name] {
			removed = append(removed, name)
		}
	}
	isFirst := p.wanted[child] == nil
	p.wanted[child] = wanted
	if len(added) == 0 && len(removed) == 0 {
		return nil
	}
	if *mode == "sotw" {
		var names []string
		for name := range wanted {
			names = append(names, name)
		}
		last := response{kind: child}
		if !isFirst {
			last = p.lastOf[child]
		}
		return [][]byte{p.subscribe(child, names, nil, last)}
	}
	return [][]byte{p.subscribe(child, added, removed, response{})}
}

// missing says what the proxy still waits for.
func (p *proxy) missing() string {
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, kind := range []string{clusters, listeners} {
		if p.has[kind] == nil {
			return fmt.Sprintf("stream %d has no answer for %s", p.number, short[kind])
		}
	}
	for _, kind := range []string{endpoints, routes} {
		for name := range p.wanted[kind] {
			if _, ok := p.has[kind][name]; !ok {
				return fmt.Sprintf("stream %d waits for %s %s", p.number, short[kind], name)
			}
		}
	}
	return ""
}

// held is all that the proxy has, as one DiscoveryResponse.
func (p *proxy) held() []byte {
	p.lock.Lock()
	defer p.lock.Unlock()
	var all []byte
	for _, kind := range []string{clusters, endpoints, listeners, routes} {
		for _, body := range p.has[kind] {
			value := appendText(nil, 1, kind)
			value = protowire.AppendBytes(protowire.AppendTag(value, 2, protowire.BytesType), body)
			all = protowire.AppendBytes(protowire.AppendTag(all, 2, protowire.BytesType), value)
		}
	}
	return all
}
