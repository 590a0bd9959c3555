package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"costping/probe"

	"github.com/shopspring/decimal"
	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

const today, tomorrow = probe.Day("2026-11-20"), probe.Day("2026-11-21")

func usd(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// ledgers are all there are: what holds for one holds for the others.
func ledgers(t *testing.T) map[string]probe.Ledger {
	return map[string]probe.Ledger{"of a history": open(t, t.TempDir()), "in memory": &probe.MemoryLedger{}}
}

func reserve(t testing.TB, l probe.Ledger, day probe.Day, amount, limit string) string {
	t.Helper()
	id, ok, err := l.Reserve(t.Context(), day, usd(amount), usd(limit))
	if err != nil || !ok {
		t.Fatalf("reserving %s of %s: %v, %v", amount, limit, ok, err)
	}
	return id
}

func wantSpent(t testing.TB, l probe.Ledger, day probe.Day, settled, reserved string) {
	t.Helper()
	got, err := l.Spent(t.Context(), day)
	if err != nil || !got.Settled.Equal(usd(settled)) || !got.Reserved.Equal(usd(reserved)) {
		t.Errorf("%s: %s settled, %s reserved, %v; want %s, %s", day, got.Settled, got.Reserved, err, settled, reserved)
	}
}

func TestLedger(t *testing.T) {
	for name, l := range ledgers(t) {
		t.Run(name, func(t *testing.T) {
			wantSpent(t, l, today, "0", "0")
			first := reserve(t, l, today, "0.6", "1")
			if id, ok, err := l.Reserve(t.Context(), today, usd("0.400000000001"), usd("1")); ok || err != nil || id != "" {
				t.Errorf("over the limit: %q, %v, %v", id, ok, err)
			}
			second := reserve(t, l, today, "0.4", "1") // to the last cent
			wantSpent(t, l, today, "0", "1")
			reserve(t, l, tomorrow, "1", "1")
			if err := l.Settle(t.Context(), first, usd("0.10000000000000000001")); err != nil {
				t.Fatal(err)
			}
			wantSpent(t, l, today, "0.10000000000000000001", "0.4")
			for range 2 { // saying it again changes nothing
				if err := l.Settle(t.Context(), second, usd("0.5")); err != nil {
					t.Fatal(err)
				}
			}
			wantSpent(t, l, today, "0.60000000000000000001", "0")
			if l.Settle(t.Context(), second, usd("0.4")) == nil {
				t.Error("another cost was taken")
			}
			reserve(t, l, today, "0", "0.60000000000000000001")
			wantSpent(t, l, tomorrow, "0", "1")
		})
	}
}

func TestLedgerRefusesNonsense(t *testing.T) {
	for name, l := range ledgers(t) {
		t.Run(name, func(t *testing.T) {
			id := reserve(t, l, today, "0.5", "1")
			for _, unknown := range []string{"", "x", string(today), string(today) + "/", string(today) + "/99", "../" + id, id + "0"} {
				if err := l.Settle(t.Context(), unknown, usd("0")); !errors.Is(err, probe.ErrNoReservation) {
					t.Errorf("settling %q: %v", unknown, err)
				}
			}
			for _, amount := range []decimal.Decimal{usd("-0.1"), decimal.New(1, 1<<30), decimal.New(1, -1<<30), usd("1e13"), usd("1e-21")} {
				if _, ok, err := l.Reserve(t.Context(), today, amount, usd("1")); ok || err == nil {
					t.Errorf("reserving %v e%d: %v, %v", amount.Coefficient(), amount.Exponent(), ok, err)
				}
				if l.Settle(t.Context(), id, amount) == nil {
					t.Errorf("settled for %v e%d", amount.Coefficient(), amount.Exponent())
				}
			}
			for _, day := range []probe.Day{"", "today", today + "/1", "2026-02-30"} {
				if _, ok, err := l.Reserve(t.Context(), day, usd("0.1"), usd("1")); ok || err == nil {
					t.Errorf("reserving on %q: %v, %v", day, ok, err)
				}
				if _, err := l.Spent(t.Context(), day); err == nil {
					t.Errorf("what was spent on %q", day)
				}
			}
			wantSpent(t, l, today, "0", "0.5")
		})
	}
}

// The ledger against the plainest model of one: it never goes over a limit, never
// loses a cent, and both kinds agree.
func TestLedgerAddsUp(t *testing.T) {
	h := open(t, t.TempDir())
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		day := probe.DayOf(today.End().AddDate(0, 0, n)) // of its own
		both := []probe.Ledger{h, &probe.MemoryLedger{}}
		limit := decimal.New(rapid.Int64Range(0, 2000).Draw(t, "limit"), -3)
		settled, reserved := decimal.Zero, decimal.Zero
		type open struct {
			ids []string
			usd decimal.Decimal
		}
		var pending []open
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			amount := decimal.New(rapid.Int64Range(0, 900).Draw(t, "amount"), -3)
			if len(pending) > 0 && rapid.Bool().Draw(t, "settle") {
				for i, l := range both {
					if err := l.Settle(t.Context(), pending[0].ids[i], amount); err != nil {
						t.Fatal(err)
					}
				}
				settled, reserved, pending = settled.Add(amount), reserved.Sub(pending[0].usd), pending[1:]
				continue
			}
			want := !settled.Add(reserved).Add(amount).GreaterThan(limit)
			one := open{usd: amount}
			for _, l := range both {
				id, ok, err := l.Reserve(t.Context(), day, amount, limit)
				if err != nil || ok != want {
					t.Fatalf("reserving %s beside %s and %s of %s: %v, %v", amount, settled, reserved, limit, ok, err)
				}
				one.ids = append(one.ids, id)
			}
			if want {
				reserved, pending = reserved.Add(amount), append(pending, one)
			}
		}
		for _, l := range both {
			got, err := l.Spent(t.Context(), day)
			if err != nil || !got.Settled.Equal(settled) || !got.Reserved.Equal(reserved) {
				t.Fatalf("%+v, %v; want %s, %s", got, err, settled, reserved)
			}
		}
	})
}

func TestLedgerUnderConcurrency(t *testing.T) {
	for name, l := range ledgers(t) {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 4 {
						id, ok, err := l.Reserve(t.Context(), today, usd("0.1"), usd("1"))
						if err == nil && ok {
							err = l.Settle(t.Context(), id, usd("0.05"))
						}
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			got, err := l.Spent(t.Context(), today)
			if err != nil || got.Settled.GreaterThan(usd("1")) || got.Settled.LessThan(usd("0.5")) || !got.Reserved.IsZero() {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// What a process reserved that died then stays counted; its successor goes on from
// there, and may even settle it.
func TestLedgerOutlivesItsProcess(t *testing.T) {
	dir := t.TempDir()
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	settled, lost := reserve(t, h, today, "0.3", "1"), reserve(t, h, today, "0.5", "1")
	if err := errors.Join(h.Settle(t.Context(), settled, usd("0.25")), h.Close()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Reserve(t.Context(), today, usd("0.1"), usd("1")); !errors.Is(err, ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
	again := open(t, dir)
	wantSpent(t, again, today, "0.25", "0.5")
	if _, ok, err := again.Reserve(t.Context(), today, usd("0.26"), usd("1")); ok || err != nil {
		t.Errorf("over the limit: %v, %v", ok, err)
	}
	if err := errors.Join(again.Settle(t.Context(), settled, usd("0.25")), again.Settle(t.Context(), lost, usd("0"))); err != nil {
		t.Fatal(err)
	}
	wantSpent(t, again, today, "0.25", "0")
}

// A history from before there was a ledger gets one, and keeps what it has.
func TestHistoryWithoutALedger(t *testing.T) {
	dir := t.TempDir()
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, h, good("a", day, 100))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, dir, func(tx *bolt.Tx) error {
		return errors.Join(tx.DeleteBucket(bucketLedger), setMeta(tx, keyFormat, 1), setMeta(tx, keyMinWriter, 1))
	})
	h = open(t, dir)
	wantSpent(t, h, today, "0", "0")
	reserve(t, h, today, "0.5", "1")
	if info, err := h.Info(t.Context()); err != nil || info.Samples != 1 {
		t.Errorf("%+v, %v", info, err)
	}
}

func change(t *testing.T, h History, f func(*bolt.Bucket) error) {
	t.Helper()
	if err := h.(*held).owner.change(func(tx *bolt.Tx) error { return f(tx.Bucket(bucketLedger)) }); err != nil {
		t.Fatal(err)
	}
}

// A ledger that was damaged lets nothing through on that day.
func TestDamagedLedgerFailsClosed(t *testing.T) {
	for name, damage := range map[string]func(b *bolt.Bucket, id string) error{
		"a digit": func(b *bolt.Bucket, _ string) error {
			v := append([]byte{}, b.Get([]byte(today))...)
			v[12] ^= 1
			return b.Put([]byte(today), v)
		},
		"cut short": func(b *bolt.Bucket, _ string) error { return b.Put([]byte(today), b.Get([]byte(today))[:3]) },
		"empty":     func(b *bolt.Bucket, _ string) error { return b.Put([]byte(today), nil) },
		"lost":      func(b *bolt.Bucket, _ string) error { return b.Delete([]byte(today)) },
		"not money": func(b *bolt.Bucket, _ string) error {
			return b.Put([]byte(today), sealed(`{"settled":"1e99999","reserved":"0"}`))
		},
		"half": func(b *bolt.Bucket, _ string) error { return b.Put([]byte(today), sealed(`{"settled":"1"}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, t.TempDir())
			id := reserve(t, h, today, "0.5", "1")
			change(t, h, func(b *bolt.Bucket) error { return damage(b, id) })
			if _, ok, err := h.Reserve(t.Context(), today, usd("0.1"), usd("1")); ok || !errors.Is(err, ErrDamaged) {
				t.Errorf("reserving: %v, %v", ok, err)
			}
			if err := h.Settle(t.Context(), id, usd("0.1")); !errors.Is(err, ErrDamaged) {
				t.Errorf("settling: %v", err)
			}
			if _, err := h.Spent(t.Context(), today); !errors.Is(err, ErrDamaged) {
				t.Errorf("looking: %v", err)
			}
			reserve(t, h, tomorrow, "0.1", "1")
		})
	}
	t.Run("a reservation", func(t *testing.T) {
		h := open(t, t.TempDir())
		id := reserve(t, h, today, "0.5", "1")
		for _, value := range [][]byte{[]byte("x"), sealed(`{}`), sealed(`{"reserved":"0.7"}`)} {
			change(t, h, func(b *bolt.Bucket) error { return b.Put([]byte(id), value) })
			if err := h.Settle(t.Context(), id, usd("0.1")); !errors.Is(err, ErrDamaged) {
				t.Errorf("settling %q: %v", value, err)
			}
		}
		wantSpent(t, h, today, "0", "0.5")
	})
}

// sealed is a text with a checksum that fits.
func sealed(text string) []byte {
	return binary.LittleEndian.AppendUint32([]byte(text), crc([]byte(text)))
}

// Days stay for good, and so does what was never settled; what was settled is
// forgotten after a day.
func TestLedgerForgets(t *testing.T) {
	h := open(t, t.TempDir())
	var settled, lost []string
	days := []probe.Day{"2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"}
	for _, d := range days {
		id := reserve(t, h, d, "0.5", "1")
		if err := h.Settle(t.Context(), id, usd("0.2")); err != nil {
			t.Fatal(err)
		}
		settled, lost = append(settled, id), append(lost, reserve(t, h, d, "0.1", "1"))
	}
	for i, d := range days {
		wantSpent(t, h, d, "0.2", "0.1")
		err := h.Settle(t.Context(), settled[i], usd("0.2"))
		if old := d < "2026-11-20"; old != errors.Is(err, probe.ErrNoReservation) || !old && err != nil {
			t.Errorf("%s: settling again: %v", d, err)
		}
		if err := h.Settle(t.Context(), lost[i], usd("0.1")); err != nil {
			t.Errorf("%s: settling late: %v", d, err)
		}
	}
}

func FuzzDecodeLedger(f *testing.F) {
	f.Add(`{"settled":"0.5","reserved":"0"}`)
	f.Add(`{"settled":null,"reserved":0.25}`)
	f.Add(`{"settled":"1e400000000"}`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := decodeLedger(sealed(text))
		if err != nil {
			return
		}
		again, err := decodeLedger(encodeLedger(e))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(e) {
			t.Fatalf("%v: %+v became %+v", err, e, again)
		}
		_ = e.Settled.Decimal.Add(e.Reserved.Decimal).String() // in bounded time and memory
	})
}
