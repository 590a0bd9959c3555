package simulator

import (
	"errors"
	"os"
	"testing"
)

// The kernel's timer is given back at once, not when memory is next collected.
func TestAlarmCloses(t *testing.T) {
	p := newPacer(t.Context())
	if p.alarm == nil {
		t.Skip("the system grants no timer")
	}
	p.close()
	if err := p.alarm.file.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}
