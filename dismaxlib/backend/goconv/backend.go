package goconv

import (
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kept"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/slack"
)

// Name is what selects this backend: GOMLX_BACKEND=goconv, or goconv:OPTIONS. The options are those of GoMLX's go
// backend and im2col, columns=MB, weights=MB and winograd=0, which the package documentation explains.
const Name = "goconv"

func init() {
	compute.Register(Name, New)
}

// New wraps a new go backend, which gets the options (for instance "parallelism=1,ops_sequential"), in one with
// convolution and batch normalization. Most users get it from compute.NewWithConfig("goconv:…").
func New(config string) (compute.Backend, error) { return newBackend(config, slack.Allocate) }

// newBackend is New with a choice of where the memory of buffers comes from; see package slack.
func newBackend(config string, allocate func(size int) []byte) (compute.Backend, error) {
	options, innerConfig, err := parseOptions(config)
	if err != nil {
		return nil, err
	}
	inner, err := gobackend.New(innerConfig)
	if err != nil {
		return nil, errors.WithMessagef(err, "backend %q", Name)
	}
	live := liveExecutions(inner)
	if live == nil {
		if inner, err = gobackend.New(innerConfig + ",ops_sequential"); err != nil {
			return nil, errors.WithMessagef(err, "backend %q", Name)
		}
	}
	if err := slack.Leave(inner, allocate); err != nil {
		return nil, errors.WithMessagef(err, "backend %q", Name)
	}
	return &backend{
		Backend: inner, options: options, capabilities: capabilitiesOf(inner), live: live, weights: kept.NewStore(),
	}, nil
}

// backend is GoMLX's go backend with two operations more. Whatever it hands out (builders, functions, buffers,
// executables) is wrapped, because GoMLX compares the backend of a buffer with the one that executes; graph values
// are not, they pass through untouched.
type backend struct {
	compute.Backend
	options      options
	capabilities compute.Capabilities
	live         *atomic.Int32 // the inner backend's executions, nil if not known
	weights      *kept.Store   // the transformed weights of all computations
	results      sync.Map      // from bytes of room to a *sync.Pool of *result
}

// capabilitiesOf adds batch normalization to what the inner backend can do. Unlike it, goconv takes the variables of an
// evaluation graph as parameters: as constants they would keep the values that they had when it was compiled.
func capabilitiesOf(inner compute.Backend) compute.Capabilities {
	capabilities := inner.Capabilities().Clone()
	for _, op := range []compute.OpType{
		compute.OpTypeBatchNormForInference, compute.OpTypeBatchNormForTraining, compute.OpTypeBatchNormGradient,
	} {
		capabilities.Operations[op] = true
	}
	capabilities.PreferConstantsForVariables = false
	return capabilities
}

// Name implements compute.Backend.
func (b *backend) Name() string { return Name }

// String implements compute.Backend.
func (b *backend) String() string { return Name }

// Description implements compute.Backend.
func (b *backend) Description() string {
	return b.Backend.Description() + " with direct convolutions and batch normalization"
}

// Capabilities implements compute.Backend.
func (b *backend) Capabilities() compute.Capabilities { return b.capabilities }

// Builder implements compute.Backend.
func (b *backend) Builder(name string) compute.Builder {
	return &builder{
		Builder:   b.Backend.Builder(name),
		backend:   b,
		functions: make(map[compute.Function]*function),
		producers: make(map[compute.Value]int),
	}
}

// BufferFromFlatData implements compute.Backend.
func (b *backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	inner, err := b.Backend.BufferFromFlatData(device, flat, shape)
	if err != nil {
		return nil, err
	}
	return &buffer{Buffer: inner, backend: b}, nil
}

// NewSharedBuffer implements compute.Backend.
func (b *backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	inner, flat, err := b.Backend.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, nil, err
	}
	return &buffer{Buffer: inner, backend: b}, flat, nil
}

// buffer is a buffer of the inner backend that says it belongs to this one.
type buffer struct {
	compute.Buffer
	backend *backend
}

// Backend implements compute.Buffer.
func (b *buffer) Backend() compute.Backend { return b.backend }

// CopyToDevice implements compute.Buffer.
func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	inner, err := b.Buffer.CopyToDevice(device)
	if err != nil {
		return nil, err
	}
	return &buffer{Buffer: inner, backend: b.backend}, nil
}
