package store

import (
	"errors"
	"fmt"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// What crosses the owner's socket: JSON over HTTP. Samples cross as the records
// that are kept of them, so that nothing else of a target can, keys above all.

// protocol is the version of what is said over the socket. Fields may be added
// without a new one.
const protocol = 1

const (
	// mostAsked and mostAnswered bound a request and an answer, in bytes.
	mostAsked    = 64 << 20
	mostAnswered = 256 << 20
	// headerVersion carries the history's version with every answer.
	headerVersion = "Costping-Version"
	// headerSchedule comes with answers of an owner that runs a schedule.
	headerSchedule = "Costping-Schedule"
)

var errProtocol = errors.New("the history's owner is a costping of another version; end it, or use the same version")

type hello struct {
	Protocol int `json:"protocol"`
	PID      int `json:"pid"`
	Format   int `json:"format"`
}

type (
	versionQuery struct {
		After uint64 `json:"after"`
	}
	rangeQuery struct {
		From int64 `json:"from"`
		To   int64 `json:"to"`
	}
	sampleQuery struct {
		Cursor []byte `json:"cursor"`
		To     int64  `json:"to"`
	}
	samplePage struct {
		Batch   batch  `json:"batch"`
		Next    []byte `json:"next,omitempty"`
		Damaged int    `json:"damaged,omitempty"`
	}
	rollupPage struct {
		Rollups []wireRollup `json:"rollups"`
		Next    rollupQuery  `json:"next"`
	}
	wireRollup struct {
		Series Series `json:"series"`
		From   int64  `json:"from"`
		Record []byte `json:"record"`
	}
	reserveQuery struct {
		Day   probe.Day       `json:"day"`
		USD   decimal.Decimal `json:"usd"`
		Limit decimal.Decimal `json:"limit"`
	}
	reserved struct {
		ID string `json:"id"`
		OK bool   `json:"ok"`
	}
	settleQuery struct {
		ID  string          `json:"id"`
		USD decimal.Decimal `json:"usd"`
	}
	controlQuery struct {
		Do      string   `json:"do"`
		On      bool     `json:"on"`
		Targets []string `json:"targets,omitempty"`
	}
	nothing struct{}
)

func rangeOf(r Range) rangeQuery {
	from, to := r.bounds()
	return rangeQuery{from, to}
}

func (q rangeQuery) bounds() Range { return Range{From: time.Unix(0, q.From), To: time.Unix(0, q.To)} }

// batch is samples on their way.
type batch struct {
	Series  []Series     `json:"series"`
	Samples []wireRecord `json:"samples"`
}

type wireRecord struct {
	Series int    `json:"s"` // which of the batch's
	At     int64  `json:"t"` // nanoseconds since 1970
	Record []byte `json:"r"`
}

func batchOf(samples []probe.Sample) batch {
	b := batch{Samples: make([]wireRecord, 0, len(samples))}
	index := map[Series]int{}
	for _, s := range samples {
		series := SeriesOf(s)
		i, ok := index[series]
		if !ok {
			i = len(b.Series)
			index[series] = i
			b.Series = append(b.Series, series)
		}
		b.Samples = append(b.Samples, wireRecord{i, s.At.UnixNano(), encode(toWire(s))})
	}
	return b
}

func wireRollups(rollups []Rollup) []wireRollup {
	told := make([]wireRollup, 0, len(rollups))
	for i := range rollups {
		r := &rollups[i]
		told = append(told, wireRollup{r.Series, nanosOf(r.From), encodeRollup(r)})
	}
	return told
}

func rollupsOf(told []wireRollup) ([]Rollup, error) {
	rollups := make([]Rollup, 0, len(told))
	for _, w := range told {
		one, err := decodeRollup(w.Record)
		if err == nil {
			err = w.Series.check()
		}
		if err != nil {
			return nil, err
		}
		one.Series, one.From = w.Series, instant(w.From)
		rollups = append(rollups, *one)
	}
	return rollups, nil
}

// longestName bounds a name that comes from elsewhere, in bytes.
const longestName = 1000

// check reports names that are too long to be kept.
func (s Series) check() error {
	for _, name := range []string{s.Target, s.Provider, s.Model, s.BaseURL, s.Profile} {
		if len(name) > longestName {
			return fmt.Errorf("a name of %d bytes", len(name))
		}
	}
	return nil
}

// samples puts a batch together again, and reports what cannot be one.
func (b batch) samples() ([]probe.Sample, error) {
	for _, s := range b.Series {
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	samples := make([]probe.Sample, 0, len(b.Samples))
	for _, r := range b.Samples {
		if r.Series < 0 || r.Series >= len(b.Series) {
			return nil, errors.New("a sample of no series")
		}
		w, err := decode(r.Record)
		if err != nil {
			return nil, err
		}
		s := b.Series[r.Series].sample(r.At, &w)
		s.At = time.Unix(0, r.At).UTC()
		samples = append(samples, s)
	}
	return samples, nil
}

// failure is an error on its way. Kind says which of ours it is.
type failure struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Samples int    `json:"samples,omitempty"`
	Dropped int    `json:"dropped,omitempty"`
}

// kinds are the errors that a caller may tell apart, by their name on the way.
var kinds = map[string]error{
	"closed": ErrClosed, "damaged": ErrDamaged, "newer": ErrNewer, "foreign": ErrForeign,
	"no_reservation": probe.ErrNoReservation, "no_schedule": ErrNoSchedule,
}

const kindUnsaved = "unsaved"

func failureOf(err error) failure {
	var u *UnsavedError
	if errors.As(err, &u) {
		return failure{Kind: kindUnsaved, Text: u.Err.Error(), Samples: u.Samples, Dropped: u.Dropped}
	}
	for kind, known := range kinds {
		if errors.Is(err, known) {
			return failure{Kind: kind, Text: err.Error()}
		}
	}
	return failure{Text: err.Error()}
}

// maxFailure bounds the text of an error, in bytes.
const maxFailure = 2000

func (f failure) error() error {
	text := probe.Sanitize(f.Text, maxFailure)
	if f.Kind == kindUnsaved {
		return &UnsavedError{Samples: f.Samples, Dropped: f.Dropped, Err: errors.New(text)}
	}
	return &toldError{text: text, is: kinds[f.Kind]}
}

// toldError is an error of the owner's, as it was told.
type toldError struct {
	text string
	is   error
}

func (e *toldError) Error() string { return e.text }

func (e *toldError) Unwrap() error { return e.is }

// goneError says that the owner went away in the middle of a call. It never leaves
// the package where there is another in time.
type goneError struct {
	// sent says that the call may have been carried out.
	sent bool
	err  error
}

func (e *goneError) Error() string {
	if e.err == nil {
		return "the history's owner went away"
	}
	return fmt.Sprintf("the history's owner went away: %v", e.err)
}

func (e *goneError) Unwrap() error { return e.err }
