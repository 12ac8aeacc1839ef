package main

import (
	"fmt"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/proto"
)

type resource struct {
	name string
	body []byte
}

type response struct {
	kind, version, nonce string
	resources            []resource
	removed              []string
}

// fields calls a function with every field of a message that holds bytes.
func fields(data []byte, each func(number protowire.Number, value []byte)) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		if kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(data)
			if n < 0 {
				return protowire.ParseError(n)
			}
			each(number, value)
			data = data[n:]
			continue
		}
		n = protowire.ConsumeFieldValue(number, kind, data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
	}
	return nil
}

// parse reads a DeltaDiscoveryResponse or a DiscoveryResponse.
func parse(data []byte, isDelta bool) (response, error) {
	var r response
	var failure error
	err := fields(data, func(number protowire.Number, value []byte) {
		switch {
		case isDelta && number == 1, !isDelta && number == 1:
			r.version = string(value)
		case number == 2:
			one, err := parseResource(value, isDelta)
			if err != nil {
				failure = err
			}
			r.resources = append(r.resources, one)
		case number == 4:
			r.kind = string(value)
		case number == 5:
			r.nonce = string(value)
		case isDelta && number == 6:
			r.removed = append(r.removed, string(value))
		}
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		return r, fmt.Errorf("cannot read a response: %w", err)
	}
	return r, nil
}

func parseResource(data []byte, isDelta bool) (resource, error) {
	var one resource
	packed := data
	if isDelta {
		if err := fields(data, func(number protowire.Number, value []byte) {
			switch number {
			case 2:
				packed = value
			case 3:
				one.name = string(value)
			}
		}); err != nil {
			return one, err
		}
	}
	if err := fields(packed, func(number protowire.Number, value []byte) {
		if number == 2 {
			one.body = value
		}
	}); err != nil {
		return one, err
	}
	if isDelta {
		return one, nil
	}
	// The name is the first field of all four types, and the first to be written.
	number, kind, n := protowire.ConsumeTag(one.body)
	if n < 0 || number != 1 || kind != protowire.BytesType {
		return one, fmt.Errorf("a resource that does not begin with its name")
	}
	name, n := protowire.ConsumeBytes(one.body[n:])
	if n < 0 {
		return one, protowire.ParseError(n)
	}
	one.name = string(name)
	return one, nil
}

// subscribe is a request for names; without any, for all.
func (p *proxy) subscribe(kind string, added, removed []string, last response) []byte {
	var b []byte
	if *mode == "sotw" {
		b = appendText(b, 4, kind)
		if last.nonce != "" {
			b = appendText(appendText(b, 1, last.version), 5, last.nonce)
		}
		for _, name := range added {
			b = appendText(b, 3, name)
		}
		return b
	}
	b = appendText(b, 2, kind)
	for _, name := range added {
		b = appendText(b, 3, name)
	}
	for _, name := range removed {
		b = appendText(b, 4, name)
	}
	return b
}

func (p *proxy) acknowledge(r response) []byte {
	if *mode == "sotw" {
		p.lastOf[r.kind] = response{kind: r.kind, version: r.version, nonce: r.nonce}
		var names []string
		for name := range p.wanted[r.kind] {
			names = append(names, name)
		}
		return p.subscribe(r.kind, names, nil, r)
	}
	return appendText(appendText(nil, 2, r.kind), 6, r.nonce)
}

// dependents remembers which resources others ask for: what is read once needs no second reading.
type dependents struct {
	lock       sync.RWMutex
	byResource map[string][]string
}

func (d *dependents) of(kind, name string, body []byte) []string {
	key := kind + name
	d.lock.RLock()
	known, ok := d.byResource[key]
	d.lock.RUnlock()
	if ok {
		return known
	}
	found := dependentNames(kind, body)
	d.lock.Lock()
	d.byResource[key] = found
	d.lock.Unlock()
	return found
}

func dependentNames(kind string, body []byte) []string {
	if kind == clusters {
		var c clusterv3.Cluster
		if err := proto.Unmarshal(body, &c); err != nil {
			fail(err)
		}
		if c.GetType() != clusterv3.Cluster_EDS {
			return nil
		}
		if name := c.GetEdsClusterConfig().GetServiceName(); name != "" {
			return []string{name}
		}
		return []string{c.Name}
	}
	var l listenerv3.Listener
	if err := proto.Unmarshal(body, &l); err != nil {
		fail(err)
	}
	chains := l.FilterChains
	if l.DefaultFilterChain != nil {
		chains = append(chains, l.DefaultFilterChain)
	}
	var names []string
	for _, chain := range chains {
		for _, filter := range chain.Filters {
			var manager hcmv3.HttpConnectionManager
			if filter.GetTypedConfig().MessageIs(&manager) {
				if err := filter.GetTypedConfig().UnmarshalTo(&manager); err != nil {
					fail(err)
				}
				if name := manager.GetRds().GetRouteConfigName(); name != "" {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
