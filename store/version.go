package store

import "sync"

// version counts what was added, and wakes those who wait for more.
type version struct {
	mu    sync.Mutex
	value uint64
	moved chan struct{} // closed at the next change; nil while nobody waits
}

func (v *version) Load() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value
}

// Store moves the version on; it never goes back.
func (v *version) Store(value uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if value <= v.value {
		return
	}
	v.value = value
	if v.moved != nil {
		close(v.moved)
		v.moved = nil
	}
}

// wait gives the version, and a channel that is closed when there is another.
func (v *version) wait() (uint64, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.moved == nil {
		v.moved = make(chan struct{})
	}
	return v.value, v.moved
}
