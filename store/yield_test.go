package store

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"costping/probe"
)

// claimant opens a history, mounts a schedule and waits until it owns the history.
func claimant(t *testing.T, dir string) History {
	t.Helper()
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	h.Mount(&steered{})
	select {
	case <-h.Owning():
	case <-time.After(30 * time.Second):
		t.Fatal("the owner without a schedule keeps the history")
	}
	return h
}

// An owner that runs no schedule gives way to a process that has one, and goes on
// as a viewer. Nothing that was acknowledged is lost, however often that happens.
func TestOwnerWithoutAScheduleYields(t *testing.T) {
	dir := t.TempDir()
	o := start(t, "note", dir)
	var mu sync.Mutex
	var kept []string
	read := make(chan struct{})
	go func() {
		defer close(read)
		for {
			line, err := o.out.ReadString('\n')
			if err != nil {
				return
			}
			mu.Lock()
			kept = append(kept, strings.TrimSpace(line))
			mu.Unlock()
		}
	}()
	acknowledged := func() int { mu.Lock(); defer mu.Unlock(); return len(kept) }
	for range 3 {
		h := claimant(t, dir)
		if r := h.Role(); !r.Owner || r.PID != os.Getpid() {
			t.Fatalf("role %+v", r)
		}
		n := acknowledged()
		eventually(t, "the former owner goes on as a viewer", func() bool { return acknowledged() >= n+10 })
		if err := h.Close(); err != nil { // the other process owns it again
			t.Fatal(err)
		}
		n = acknowledged()
		eventually(t, "it goes on as the owner", func() bool { return acknowledged() >= n+10 })
	}
	_ = o.Process.Kill()
	<-read
	h := open(t, dir)
	there := map[string]int{}
	for s, err := range h.Raw(t.Context(), Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		there[nanos(s.At)]++
	}
	events, err := h.Events(t.Context(), Range{})
	if err != nil {
		t.Fatal(err)
	}
	takeovers := 0
	for _, e := range events {
		there[nanos(e.At)]++
		if e.Kind == EventTakeover && strings.Contains(e.Text, "from one that does not") {
			takeovers++
		}
	}
	for _, at := range kept {
		if there[at] != 2 {
			t.Errorf("of what was acknowledged at %s %d of 2 are there", at, there[at])
		}
	}
	if takeovers != 3 {
		t.Errorf("%d takeovers are told of", takeovers)
	}
}

func nanos(at time.Time) string { return strconv.FormatInt(at.UnixNano(), 10) }

// Whoever calls while the ownership passes on waits a moment, and nothing fails; but
// for money that is to be set aside, where an answer that is lost lets nothing
// through.
func TestYieldingFailsNoCall(t *testing.T) {
	owner, viewer, dir := pair(t)
	stop := make(chan struct{})
	var calling sync.WaitGroup
	appended, lost := make([]int, 2), make([]int, 2)
	for i, h := range []History{owner, viewer} {
		calling.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					appended[i] = n
					return
				default:
				}
				at := day.Add(time.Duration(n)*time.Millisecond + time.Duration(i)*time.Hour)
				id, ok, err := h.Reserve(t.Context(), today, usd("0.000001"), usd("100"))
				var gone *goneError
				switch {
				case errors.As(err, &gone):
					lost[i]++
					n--
					continue
				case err != nil || !ok:
					t.Errorf("reserving: %v, %v", ok, err)
				}
				_, werr := h.Window(t.Context(), Query{From: day, To: day.Add(24 * time.Hour)})
				_, ierr := h.Info(t.Context())
				err = errors.Join(
					h.Append(t.Context(), []probe.Sample{good("a", at, 100)}), h.Settle(t.Context(), id, usd("0.000001")), werr, ierr,
					h.Record(t.Context(), Notes{Events: []Event{{At: at, Kind: "noted"}}}),
				)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		third := claimant(t, dir)
		if err := third.Close(); err != nil {
			t.Error(err)
		}
		eventually(t, "one of the two owns it", func() bool { return owner.Role().Owner != viewer.Role().Owner })
	}
	close(stop)
	calling.Wait()
	w := window(t, viewer, Query{From: day, To: day.Add(24 * time.Hour)})
	if want := appended[0] + appended[1]; len(w.Series) != 1 || w.Series[0].Warm != want || want == 0 {
		t.Errorf("%d were appended, there are %+v", want, w.Series)
	}
	t.Logf("%d calls of each kind; %d reservations whose answer was lost", appended[0]+appended[1], lost[0]+lost[1])
	each := usd("0.000001")
	spent, err := owner.Spent(t.Context(), today)
	if err != nil || !spent.Settled.Equal(each.Mul(usd(strconv.Itoa(appended[0]+appended[1])))) ||
		spent.Reserved.GreaterThan(each.Mul(usd(strconv.Itoa(lost[0]+lost[1])))) {
		t.Errorf("%+v, %v", spent, err)
	}
}

// Who probes keeps the history, and so does who is in the middle of something that
// would end with it.
func TestWhoDoesNotYield(t *testing.T) {
	owner, viewer, _ := pair(t)
	asks := func() error {
		e, err := viewer.(*held).current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return e.(*remote).ask(t.Context(), "control", controlQuery{Do: doYield}, &nothing{})
	}
	refuses := func(want error) {
		t.Helper()
		if err := asks(); err == nil || err.Error() != want.Error() || !owner.Role().Owner {
			t.Errorf("asked for the ownership it says %v, want %v; role %+v", err, want, owner.Role())
		}
	}
	appendAll(t, owner, good("a", day, 100))
	owner.Mount(&steered{})
	refuses(errScheduled)
	owner.Mount(nil)

	r, w := io.Pipe()
	copied := make(chan error, 1)
	go func() {
		_, err := owner.Backup(t.Context(), w)
		copied <- errors.Join(err, w.Close())
	}()
	if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	refuses(errLater)
	if _, err := io.Copy(io.Discard, r); err != nil || <-copied != nil {
		t.Errorf("the copy ended with %v", err)
	}

	o := owner.(*held).owner
	o.unsaved.mu.Lock()
	o.unsaved.samples = []probe.Sample{good("a", day, 1)}
	o.unsaved.mu.Unlock()
	refuses(errLater)
	o.unsaved.clear()

	// Given up, and nobody takes it: after a while it is this process's again.
	if err := asks(); err != nil {
		t.Fatal(err)
	}
	if err := viewer.Close(); err != nil {
		t.Fatal(err)
	}
	appendAll(t, owner, good("a", day.Add(1), 100))
	eventually(t, "it owns the history again", func() bool { return owner.Role().Owner })
	<-owner.Owning()
}

// What the clock did before the end is told of, though no sample came after it.
func TestClockStepIsWrittenAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	o := h.(*held).owner
	o.writing.Lock()
	o.clock.again(&Event{At: day, Kind: EventClockStep, Text: "the clock was set back by 1h0m0s"})
	o.writing.Unlock()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	events, err := open(t, dir).Events(t.Context(), Range{})
	if err != nil || len(events) != 1 || events[0].Kind != EventClockStep {
		t.Errorf("%+v, %v", events, err)
	}
}

// A call that finds its database given up was not carried out, and is made anew of
// the next owner: also one that is not to be said twice. After Close it fails.
func TestCallOfAnOwnerThatYielded(t *testing.T) {
	owner, _, _ := pair(t)
	h := owner.(*held)
	calls := 0
	err := h.call(t.Context(), unrepeatable, func(e engine) error {
		if calls++; calls > 1 {
			return nil
		}
		h.lost(e, nil)
		go func() { h.mu.Lock(); defer h.mu.Unlock(); h.set(e, nil, os.Getpid()) }()
		return ErrClosed
	})
	if err != nil || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
	if err := errors.Join(owner.Close(), owner.Append(t.Context(), []probe.Sample{good("a", day, 1)})); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// leaving is an owner that gives its history up when it is asked for the second page.
type leaving struct {
	engine
	held  *held
	next  engine
	pages int
}

func (l *leaving) samplePage(ctx context.Context, cursor []byte, to int64) (rawPage, error) {
	if l.pages++; l.pages < 2 {
		return l.next.samplePage(ctx, cursor, to)
	}
	l.held.mu.Lock()
	l.held.set(l.next, nil, os.Getpid())
	l.held.mu.Unlock()
	return rawPage{}, ErrClosed
}

// Who reads page by page goes on with the next owner where the one before ended, and
// is not shown the history from its beginning again.
func TestReadingGoesOnWithTheNextOwner(t *testing.T) {
	h, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	var samples []probe.Sample
	for i := range 2*rawBatch + 1 {
		samples = append(samples, good("a", day.Add(time.Duration(i)*time.Millisecond), 100))
	}
	if err := h.Append(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
	own, ok := h.(*held)
	if !ok {
		t.Fatalf("%T", h)
	}
	own.mu.Lock()
	own.set(&leaving{engine: own.engine, held: own, next: own.engine}, nil, os.Getpid())
	own.mu.Unlock()
	from, n := samples[1].At, 0
	for s, err := range h.Raw(t.Context(), Range{From: from}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; !s.At.Equal(samples[min(n, len(samples)-1)].At) {
			t.Fatalf("sample %d is of %s", n, s.At)
		}
	}
	if n != len(samples)-1 {
		t.Errorf("%d samples, want %d", n, len(samples)-1)
	}
}
