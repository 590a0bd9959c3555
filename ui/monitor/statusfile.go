package monitor

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

// ErrOtherStatus is the reason for which a status document of another version is
// refused.
var ErrOtherStatus = errors.New("another costping wrote it")

// StatusSchema is the version of the status document.
const StatusSchema = "costping.status/1"

// State is that of a target in a word.
type State string

// The states, the worst first.
const (
	StateFailing State = "failing"
	StateOver    State = "over_limit"
	StateUnknown State = "unknown"
	StateOK      State = "ok"
)

// StatusFile is what the owner of a history leaves beside it after each look, so
// that a status line needs neither the database nor the network.
type StatusFile struct {
	Schema string `json:"schema"`
	// At is when it was written, by process PID.
	At  time.Time `json:"at,omitzero"`
	PID int       `json:"pid,omitempty"`
	// LastProbe is the newest attempt; zero where there is none.
	LastProbe time.Time `json:"last_probe,omitzero"`
	// AgeS is how many seconds ago that was, when the file is read; null where there
	// is none.
	AgeS *float64 `json:"age_s"`
	// StaleAfterS is how many seconds after At the file is given up by its writer:
	// it is written anew every minute, whatever is probed when.
	StaleAfterS float64   `json:"stale_after_s"`
	PausedSince time.Time `json:"paused_since,omitzero"`
	// Counts are the targets in each state.
	Counts map[State]int `json:"counts"`
	// LimitsNotShown is how many bounds on targets too few samples show to be kept or
	// broken: that is no failure.
	LimitsNotShown int `json:"limits_not_shown"`
	// Budget is null where probing has none.
	Budget *StatusBudget `json:"budget"`
	// Pick is the target to take, as the table has it: the cheapest that is neither
	// retired, nor failing, nor over a limit; "" for none.
	Pick string `json:"pick,omitempty"`
	// Pinned is the target that a person wants shown where only one is; "" for the
	// pick.
	Pinned  string         `json:"pinned,omitempty"`
	Targets []StatusTarget `json:"targets"`
	// Pending are the limits that are over and not broken yet: the next owner goes
	// on with them.
	Pending []pendingLimit `json:"pending,omitempty"`
}

// StatusBudget is what probing has cost today.
type StatusBudget struct {
	SpentUSD  string    `json:"spent_usd"`
	CapUSD    string    `json:"cap_usd"`
	Exhausted bool      `json:"exhausted"`
	SpentAt   time.Time `json:"spent_at,omitzero"`
	Resumes   time.Time `json:"resumes,omitzero"`
}

// StatusTarget is one target. What is not known is null.
type StatusTarget struct {
	Name  string `json:"name"`
	Short string `json:"short,omitempty"`
	Model string `json:"model,omitempty"`
	State State  `json:"state"`
	// TTFTp50 is in milliseconds, OKRate a share from 0 to 1, both of 24 hours.
	TTFTp50     *float64 `json:"ttft_p50_ms"`
	OKRate      *float64 `json:"ok_rate"`
	USDPerMonth *string  `json:"usd_per_month"`
	// Since is from when on it does not answer, Outcome what became of the newest
	// attempt, by its name, and Why what was said.
	Since   time.Time `json:"since,omitzero"`
	Outcome string    `json:"outcome,omitempty"`
	Why     string    `json:"why,omitempty"`
}

type pendingLimit struct {
	limitKey
	Since time.Time `json:"since"`
}

// ReadStatus reads the status of the history in dir as of now. os.ErrNotExist says
// that there is none; what is in it is fit to be shown.
func ReadStatus(dir string, now time.Time) (StatusFile, error) {
	text, _, err := store.ReadStatus(dir)
	if err != nil {
		return StatusFile{}, err
	}
	return DecodeStatus(text, now)
}

// DecodeStatus reads a status document, which may come from anywhere.
func DecodeStatus(text []byte, now time.Time) (StatusFile, error) {
	var f StatusFile
	if err := json.Unmarshal(text, &f); err != nil {
		return StatusFile{}, errors.New("the status file cannot be read")
	}
	if f.Schema != StatusSchema {
		return StatusFile{}, fmt.Errorf("the status file is of schema %q, this costping reads %q: %w", probe.Sanitize(f.Schema, 40), StatusSchema, ErrOtherStatus)
	}
	f.AgeS = nil
	if !f.LastProbe.IsZero() {
		age := max(0, now.Sub(f.LastProbe).Seconds())
		f.AgeS = &age
	}
	// Counted anew: it is the targets that are believed.
	f.Counts = map[State]int{StateFailing: 0, StateOver: 0, StateUnknown: 0, StateOK: 0}
	for i := range f.Targets {
		t := &f.Targets[i]
		t.Name, t.Short, t.Model = probe.Sanitize(t.Name, 200), probe.Sanitize(t.Short, 200), probe.Sanitize(t.Model, 200)
		t.Outcome, t.Why = probe.Sanitize(t.Outcome, 40), probe.Sanitize(t.Why, 200)
		switch t.State {
		case StateFailing, StateOver, StateOK:
		default:
			t.State = StateUnknown
		}
		if t.USDPerMonth != nil {
			if _, err := costmodel.ParseUSD(*t.USDPerMonth); err != nil {
				t.USDPerMonth = nil
			}
		}
		f.Counts[t.State]++
	}
	if f.Targets == nil {
		f.Targets = []StatusTarget{}
	}
	f.LimitsNotShown = max(0, f.LimitsNotShown)
	if b := f.Budget; b != nil {
		b.SpentUSD, b.CapUSD = probe.Sanitize(b.SpentUSD, 40), probe.Sanitize(b.CapUSD, 40)
	}
	f.Pick, f.Pinned = probe.Sanitize(f.Pick, 200), probe.Sanitize(f.Pinned, 200)
	return f, nil
}

// staleAfter is how old a status is whose writer seems to have ended.
const staleAfter = 5 * judgeAnyway

// Stale reports whether, as of now, whoever wrote it seems to have ended. How long ago
// the newest probe was does not say so: a target may be due once an hour, be left
// alone for failing, or wait for tomorrow's budget.
func (f StatusFile) Stale(now time.Time) bool {
	return now.Sub(f.At).Seconds() > f.StaleAfterS
}

// Fine reports whether, as of now, all is: something is probed, and every target is
// well. A limit that is not shown to be kept yet is not broken.
func (f StatusFile) Fine(now time.Time) bool {
	return !f.Stale(now) && f.AgeS != nil && len(f.Targets) > 0 && f.Counts[StateOK] == len(f.Targets) && (f.Budget == nil || !f.Budget.Exhausted)
}

// writeStatus replaces the status file.
func writeStatus(dir string, f StatusFile) error {
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	return store.WriteStatus(dir, text)
}

// status is the document of this look.
func (j *judge) status(now time.Time, table compare.Table, s probe.Status) StatusFile {
	f := StatusFile{
		Schema: StatusSchema, At: now.UTC().Truncate(time.Millisecond), PID: os.Getpid(),
		StaleAfterS: staleAfter.Seconds(), PausedSince: s.PausedSince.UTC(), Counts: map[State]int{}, Targets: []StatusTarget{},
	}
	if s.PausedSince.IsZero() {
		f.PausedSince = time.Time{}
	}
	if b := s.Budget; b != nil {
		f.Budget = &StatusBudget{
			SpentUSD: b.Settled.Add(b.Reserved).String(), CapUSD: b.Cap.String(), Exhausted: b.Exhausted, Resumes: b.Resumes,
		}
		if b.Exhausted {
			f.Budget.SpentAt = j.spentAt
		}
	}
	for _, row := range table.Rows {
		t := j.statusOf(row)
		f.Counts[t.State]++
		f.Targets = append(f.Targets, t)
		if row.Pick {
			f.Pick = row.Target
		}
		if row.Target == j.facts.Pinned {
			f.Pinned = row.Target
		}
		if row.Summary.Last.After(f.LastProbe) {
			f.LastProbe = row.Summary.Last.UTC()
		}
	}
	for key, since := range j.breaches.pending {
		f.Pending = append(f.Pending, pendingLimit{key, since.UTC()})
	}
	return f
}

func (j *judge) statusOf(row compare.Row) StatusTarget {
	t := StatusTarget{Name: row.Target, Short: row.Short, Model: row.Model.ID, State: StateUnknown}
	if q := row.Summary.TTFTp50; q.Earned() {
		t.State = StateOK
		ms := math.Round(q.Value*10) / 10
		t.TTFTp50 = &ms
	}
	if r := row.Summary.Success(); row.Has && r.N > 0 {
		rate := math.Round(r.Value()*1e4) / 1e4
		t.OKRate = &rate
	}
	if row.Spend.Known {
		usd := row.Spend.PerMonth.String()
		t.USDPerMonth = &usd
	}
	if j.breaches.of(row.Target) > 0 {
		t.State = StateOver
	}
	if since, down := j.down[row.Target]; down || row.Failing {
		t.State, t.Since, t.Why = StateFailing, since.UTC(), row.Summary.LastError
		if row.Has {
			t.Outcome = row.Summary.LastOutcome.String()
		}
	}
	return t
}

// pendingWithin is how old the status of a former owner may be for its pending limits
// to be gone on with: beyond, nobody has looked whether the figures were over.
const pendingWithin = 10 * time.Minute

// pendingOf are the limits that were over when the last owner ended.
func pendingOf(dir string, now time.Time) map[limitKey]time.Time {
	pending := map[limitKey]time.Time{}
	if dir == "" {
		return pending
	}
	f, err := ReadStatus(dir, now)
	if age := now.Sub(f.At); err != nil || age < 0 || age > pendingWithin {
		return pending
	}
	for _, p := range f.Pending {
		if !p.Since.After(f.At) {
			pending[p.limitKey] = p.Since
		}
	}
	return pending
}
