package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"costping/probe"
)

var errNotYet = errors.New("not built yet")

func (h *boltHistory) Series(context.Context, ChartQuery) ([]Line, error) { return nil, errNotYet }
func (h *boltHistory) Raw(context.Context, Range) iter.Seq2[probe.Sample, error] {
	return func(yield func(probe.Sample, error) bool) { yield(probe.Sample{}, errNotYet) }
}

func (h *boltHistory) Rollups(context.Context, Span, Range) iter.Seq2[Rollup, error] {
	return func(yield func(Rollup, error) bool) { yield(Rollup{}, errNotYet) }
}

func (h *boltHistory) Events(context.Context, Range) ([]Event, error) { return nil, errNotYet }

func (h *boltHistory) Prices(context.Context, string) ([]PriceSeen, error) { return nil, errNotYet }

func (h *boltHistory) Results(context.Context, Range) ([]Result, error) { return nil, errNotYet }
func (h *boltHistory) Record(context.Context, Notes) error              { return errNotYet }
func (h *boltHistory) Prune(context.Context, time.Time) (int, error)    { return 0, errNotYet }
func (h *boltHistory) Compact(context.Context) (Compacted, error)       { return Compacted{}, errNotYet }
func (h *boltHistory) Backup(context.Context, io.Writer) (int64, error) { return 0, errNotYet }
func (h *boltHistory) Owning() <-chan struct{} { c := make(chan struct{}); close(c); return c }

func (h *boltHistory) Role() Role             { return Role{Owner: true} }
func (h *boltHistory) Mount(probe.Control)    {}
func (h *boltHistory) Control() probe.Control { return nil }
