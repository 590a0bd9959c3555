package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// Whether the folder, the database alone or the lock alone is removed, or the folder moved
// away: the owner begins another history there, which says so, goes on with the money of
// the day and takes samples that another process finds.
func TestHistoryVanishes(t *testing.T) {
	for name, vanish := range map[string]func(dir string) error{
		"folder":   os.RemoveAll,
		"database": func(dir string) error { return os.Remove(filepath.Join(dir, databaseName)) },
		"lock":     func(dir string) error { return os.Remove(filepath.Join(dir, lockName)) },
		"moved":    func(dir string) error { return os.Rename(dir, dir+".old") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, dir := context.Background(), filepath.Join(t.TempDir(), "history")
			h, err := OpenWith(dir, Options{lookEvery: 10 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = h.Close() })
			viewer, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = viewer.Close() })
			day, usd := probe.DayOf(time.Now()), decimal.RequireFromString("0.25")
			id, ok, err := h.Reserve(ctx, day, usd, decimal.NewFromInt(1))
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			if err := h.Settle(ctx, id, usd); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if err := h.Record(ctx, Notes{Events: []Event{{At: time.Now(), Kind: EventTakeover, Text: "one of before"}}}); err != nil {
					t.Fatal(err)
				}
			}
			before := h.Version()
			if err := vanish(dir); err != nil {
				t.Fatal(err)
			}
			eventually(t, "another history begins and says so", func() bool {
				events, err := h.Events(ctx, Range{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
				return err == nil && len(events) > 0 && events[len(events)-1].Kind == EventDamaged
			})
			if r := h.Role(); !r.Owner || r.Err != nil {
				t.Errorf("role %+v", r)
			}
			eventually(t, "the viewer follows", func() bool {
				s, err := viewer.Spent(ctx, day)
				return err == nil && !viewer.Role().Owner && s.Settled.Equal(usd)
			})
			eventually(t, "who waits for a change sees one", func() bool { return h.Version() > before })
			eventually(t, "the money of the day goes on", func() bool {
				s, err := h.Spent(ctx, day)
				return err == nil && s.Settled.Add(s.Reserved).Equal(usd)
			})
			other, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = other.Close() }()
			if other.Role().Owner {
				t.Error("two own it")
			}
			if events, err := other.Events(ctx, Range{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}); err != nil || len(events) == 0 {
				t.Errorf("another process finds %v, %v", events, err)
			}
		})
	}
}
