package store

import (
	"context"

	"costping/probe"
)

// What a controlQuery asks for.
const (
	doPause  = "pause"
	doProbe  = "probe"
	doEnable = "enable"
	doTell   = "tell"
	doYield  = "yield" // asks for the ownership
)

// Mount implements History.
func (h *held) Mount(c probe.Control) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.control = c
}

func (h *held) mounted() probe.Control {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.control
}

// Control implements History.
func (h *held) Control() probe.Control { return &control{h} }

// control reaches the owner's schedule, wherever it runs.
type control struct{ held *held }

var _ probe.Control = (*control)(nil)

// Pause implements probe.Control.
func (c *control) Pause(ctx context.Context, paused bool) error {
	return c.do(ctx, controlQuery{Do: doPause, On: paused}, func(own probe.Control) error { return own.Pause(ctx, paused) })
}

// ProbeNow implements probe.Control.
func (c *control) ProbeNow(ctx context.Context, targets ...string) error {
	return c.do(ctx, controlQuery{Do: doProbe, Targets: targets}, func(own probe.Control) error { return own.ProbeNow(ctx, targets...) })
}

// Enable implements probe.Control.
func (c *control) Enable(ctx context.Context, target string, on bool) error {
	return c.do(ctx, controlQuery{Do: doEnable, On: on, Targets: []string{target}}, func(own probe.Control) error {
		return own.Enable(ctx, target, on)
	})
}

// Steered implements probe.Control.
func (c *control) Steered(ctx context.Context) (s probe.Steered, err error) {
	err = c.reach(ctx, controlQuery{Do: doTell}, &s, func(own probe.Control) (err error) {
		s, err = own.Steered(ctx)
		return err
	})
	return s, err
}

func (c *control) do(ctx context.Context, q controlQuery, own func(probe.Control) error) error {
	return c.reach(ctx, q, &probe.Steered{}, own)
}

// reach calls the control of this process where it is the owner, the owner's
// otherwise. A command to probe is not said twice.
func (c *control) reach(ctx context.Context, q controlQuery, answer *probe.Steered, own func(probe.Control) error) error {
	again := repetition(q.Do != doProbe)
	return c.held.call(ctx, again, func(e engine) error {
		if r, ok := e.(*remote); ok {
			return r.ask(ctx, "control", q, answer)
		}
		mounted := c.held.mounted()
		if mounted == nil {
			return ErrNoSchedule
		}
		return own(mounted)
	})
}
