package store

import "golang.org/x/sys/unix"

// relax lets the pages of the mapped database go that a long read has touched:
// they stay in the system's cache, and no longer count as this process's memory.
func (h *boltHistory) relax() {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.db == nil {
		return
	}
	// At least so much is mapped, see openBolt. It is advice: whatever becomes of
	// it, nothing depends on it.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, h.db.Info().Data, roomToGrow, unix.MADV_DONTNEED)
}
