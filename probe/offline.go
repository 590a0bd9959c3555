package probe

import (
	"net/url"
	"strings"
	"sync"
)

// gathering takes in the samples of one pass and finds out whether this machine
// was offline: every host that is not on loopback, two of them at least, failed
// with Network. Until that is known such failures are held back. They are released
// as they are as soon as a host ended in anything else, and flagged when the pass
// has ended without.
type gathering struct {
	// release takes every sample once; it does not block.
	release func(Sample)

	mu      sync.Mutex
	left    int  // turns of the pass that have not ended
	settled bool // nothing is held any more
	failed  map[string]bool
	held    []Sample
}

// remoteHost is the name of the host that serves a target, without a port: two
// ports of one machine fail together. It is "" for one on loopback.
func remoteHost(t Target) string {
	u, err := url.Parse(t.BaseURL)
	if err != nil || t.Loopback() {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// gather begins a pass of so many turns. hosts is how many hosts not on loopback
// the schedule has: with one it cannot be told from that host's failing.
func gather(turns, hosts int, release func(Sample)) *gathering {
	return &gathering{release: release, left: turns, settled: hosts < 2, failed: map[string]bool{}}
}

// take takes in a sample. target is whole, and not the sample's identity.
func (g *gathering) take(target Target, s Sample) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case s.Outcome == Skipped || remoteHost(target) == "": // says nothing of the network
		g.release(s)
	case s.Outcome == Network && !g.settled:
		g.failed[remoteHost(target)] = true
		g.held = append(g.held, s)
	default:
		g.settle(0)
		g.release(s)
	}
}

// cut says that the pass was cut short, so that nothing can be said of it.
func (g *gathering) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle(0)
}

// leave says that a turn has ended, with a sample or without.
func (g *gathering) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left--
	if g.left > 0 || g.settled {
		return
	}
	if len(g.failed) >= 2 {
		g.settle(ClientOffline)
	} else {
		g.settle(0)
	}
}

// settle releases what is held; the caller holds the lock.
func (g *gathering) settle(flags Flags) {
	g.settled = true
	for _, s := range g.held {
		s.Flags |= flags
		g.release(s)
	}
	g.held = nil
}
