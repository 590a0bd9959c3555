package snapshot

import (
	"encoding/json"
	"math/big"
	"strings"

	"costping/costmodel"
	"costping/probe"
)

// Workload is what was projected, exactly: what follows from it is not in it.
type Workload struct {
	// Name is what the person calls it, "" for nothing; Text says what it is, for a
	// reader.
	Name   string           `json:"name,omitempty"`
	Text   string           `json:"text"`
	Volume costmodel.Volume `json:"volume"`
	// Split is the share of input and output in percent; left out where the tokens
	// of one item say it.
	Split *costmodel.Split `json:"split,omitempty"`
	// Input and Output are the tokens of one item, User those of one user a day.
	Input  *json.Number `json:"input_tokens_per_item,omitempty"`
	Output *json.Number `json:"output_tokens_per_item,omitempty"`
	User   *json.Number `json:"tokens_per_user,omitempty"`
	// Days is the number of days of a month, or the calendar month, "2027-02".
	Days       string           `json:"days_per_month"`
	Cached     *costmodel.Share `json:"cached,omitempty"`
	CacheWrite *costmodel.Share `json:"cache_write,omitempty"`
	Batch      *costmodel.Share `json:"batch,omitempty"`
	Retries    *costmodel.Share `json:"retries,omitempty"`
	Malformed  *costmodel.Share `json:"malformed,omitempty"`
	Growth     *costmodel.Share `json:"growth_per_month,omitempty"`
	Review     *costmodel.USD   `json:"usd_per_review,omitempty"`
	Thinking   *json.Number     `json:"thinking_factor,omitempty"`
}

// Named is the workload in words, with its name where it has one.
func (w Workload) Named() string {
	if w.Name == "" {
		return w.Text
	}
	return w.Name + ": " + w.Text
}

// workloadOf writes a workload down.
func workloadOf(name string, w costmodel.Workload) Workload {
	doc := Workload{
		Name: probe.Sanitize(name, maxName),
		Text: w.String(), Volume: w.Volume, Days: w.DaysPerMonth.String(),
		Cached: shareOf(w.Cached), CacheWrite: shareOf(w.CacheWrite), Batch: shareOf(w.Batch),
		Retries: shareOf(w.Retries), Malformed: shareOf(w.Malformed), Growth: shareOf(w.Growth),
	}
	if month, ok := w.DaysPerMonth.Calendar(); ok {
		doc.Days = month.String()[:len("2027-02")]
	}
	if input, ok := w.RequestInput(); ok {
		doc.Input = numberOf(input)
		doc.Output = numberOf(new(big.Rat).Sub(w.PerItem.Rat(), input))
	} else {
		if w.Split.Given() {
			doc.Split = &w.Split
		}
		if w.PerItem.Given() {
			doc.User = numberOf(w.PerItem.Rat())
		}
	}
	if w.Thinking.Given() {
		doc.Thinking = numberOf(w.Thinking.Rat())
	}
	if w.Review.Sign() != 0 {
		doc.Review = &w.Review
	}
	return doc
}

func shareOf(s costmodel.Share) *costmodel.Share {
	if s.IsZero() {
		return nil
	}
	return &s
}

// numberOf is a count as JSON writes it, exact where it is a decimal.
func numberOf(r *big.Rat) *json.Number {
	c, err := costmodel.NewCount(r)
	if err != nil {
		return nil
	}
	n := json.Number(strings.ReplaceAll(c.String(), ",", ""))
	return &n
}

// Work is the workload as it is projected.
func (w Workload) Work() (costmodel.Workload, error) {
	work := costmodel.Workload{Volume: w.Volume}
	var err error
	if work.DaysPerMonth, err = costmodel.ParseDaysPerMonth(w.Days); err != nil {
		return work, err
	}
	for _, share := range []struct {
		from *costmodel.Share
		to   *costmodel.Share
	}{
		{w.Cached, &work.Cached},
		{w.CacheWrite, &work.CacheWrite},
		{w.Batch, &work.Batch},
		{w.Retries, &work.Retries},
		{w.Malformed, &work.Malformed},
		{w.Growth, &work.Growth},
	} {
		if share.from != nil {
			*share.to = *share.from
		}
	}
	if w.Split != nil {
		work.Split = *w.Split
	}
	if w.Review != nil {
		work.Review = *w.Review
	}
	if work.PerItem, err = countOf(w.User); err != nil {
		return work, err
	}
	if work.Thinking, err = countOf(w.Thinking); err != nil {
		return work, err
	}
	if w.Input != nil || w.Output != nil {
		input, err := countOf(w.Input)
		if err != nil {
			return work, err
		}
		output, err := countOf(w.Output)
		if err != nil {
			return work, err
		}
		if work, err = work.WithItem(input, output); err != nil {
			return work, err
		}
	}
	return work, work.Check()
}

func countOf(n *json.Number) (costmodel.Count, error) {
	if n == nil {
		return costmodel.Count{}, nil
	}
	return costmodel.ParseCount(n.String())
}
