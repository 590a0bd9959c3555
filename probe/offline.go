package probe

import (
	"net/url"
	"strings"
	"sync"
)

// networkWatch takes in the samples of one pass and finds out whether this machine
// was offline: every host that is not on loopback, two of them at least, failed
// with Network. Until that is known such failures are held back. They are released
// as they are as soon as a host ended in anything else, and flagged when the pass
// has ended without.
type networkWatch struct {
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

// watchNetwork begins a pass of so many turns. hosts is how many hosts not on loopback
// the schedule has: with one it cannot be told from that host's failing.
func watchNetwork(turns, hosts int, release func(Sample)) *networkWatch {
	return &networkWatch{release: release, left: turns, settled: hosts < 2, failed: map[string]bool{}}
}

// take takes in a sample. target is whole, and not the sample's identity.
func (w *networkWatch) take(target Target, s Sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case s.Outcome == Skipped || remoteHost(target) == "": // says nothing of the network
		w.release(s)
	case s.Outcome == Network && !w.settled:
		w.failed[remoteHost(target)] = true
		w.held = append(w.held, s)
	default:
		w.settle(0)
		w.release(s)
	}
}

// cut says that the pass was cut short, so that nothing can be said of it.
func (w *networkWatch) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle(0)
}

// leave says that a turn has ended, with a sample or without.
func (w *networkWatch) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left--
	if w.left > 0 || w.settled {
		return
	}
	if len(w.failed) >= 2 {
		w.settle(ClientOffline)
	} else {
		w.settle(0)
	}
}

// settle releases what is held; the caller holds the lock.
func (w *networkWatch) settle(flags Flags) {
	w.settled = true
	for _, s := range w.held {
		s.Flags |= flags
		w.release(s)
	}
	w.held = nil
}
