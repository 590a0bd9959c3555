package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"costping/store"
)

// A history that cannot be opened is an error with its reason and a way on.
func TestUnopenedHistoryHasAHint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		hint string
	}{
		{store.ErrNetworkFiles, "keep it in a folder of this machine, with --history DIR"},
		{store.ErrNewer, "update costping"},
		{store.ErrForeign, "costping has not changed it"},
		{store.ErrDamaged, "verify --salvage"},
		{&store.SilentError{PID: 7}, "kill -CONT"},
		{&store.LockedError{Dir: "d", PID: 7}, "close that one first"},
		{fmt.Errorf("something else"), "check that folder"},
	} {
		var stderr bytes.Buffer
		code := exitCode(&stderr, unopened(fmt.Errorf("/mnt/h: %w", tt.err)))
		said := stderr.String()
		if code != exitFailed || !strings.HasPrefix(said, "costping: ") || !strings.Contains(said, tt.err.Error()) {
			t.Errorf("%v: code %d, %q", tt.err, code, said)
		}
		if _, hint, ok := strings.Cut(said, "\nhint: "); !ok || !strings.Contains(hint, tt.hint) {
			t.Errorf("%v: %q has no hint %q", tt.err, said, tt.hint)
		}
	}
}
