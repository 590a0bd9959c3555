package costmodel

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// longPrice is a price with everything that a price can have.
func longPrice(t testing.TB) Price {
	t.Helper()
	p := price(t, "2", "10")
	p.CachedInput, p.CacheWrite, p.Reasoning = rate(t, "0.2"), rate(t, "2.50"), NoCharge()
	p.Batch, _ = ParseMultiplier("0.5")
	p.Tiers = []Tier{
		{Above: 100_000, Rates: Rates{Input: rate(t, "3"), Output: rate(t, "12"), CachedInput: NoCharge()}},
		{Above: 272_000, Rates: Rates{Input: rate(t, "4"), Output: rate(t, "15"), Reasoning: rate(t, "20")}},
	}
	p.Service = Flex
	p.Hours, _ = ParseHours("01:00-04:00 06:00-10:00 Mon-Fri")
	p.From, p.Until = date(t, "2026-10-01"), date(t, "2027-01-01")
	p.Source, p.AsOf, p.Doubt, p.Own = "a list", date(t, "2026-10-02"), "too low", true
	return p
}

func TestLongPriceJSON(t *testing.T) {
	p := longPrice(t)
	data, err := json.Marshal(p)
	const want = `{"input_usd_per_1m":"2","output_usd_per_1m":"10","cached_input_usd_per_1m":"0.2","cache_write_usd_per_1m":"2.5",` +
		`"reasoning_usd_per_1m":"none","batch_multiplier":"0.5","tiers":[` +
		`{"above_input_tokens":100000,"input_usd_per_1m":"3","output_usd_per_1m":"12","cached_input_usd_per_1m":"none"},` +
		`{"above_input_tokens":272000,"input_usd_per_1m":"4","output_usd_per_1m":"15","reasoning_usd_per_1m":"20"}],` +
		`"service":"flex","hours":"01:00-04:00 06:00-10:00 Mon-Fri","from":"2026-10-01","until":"2027-01-01",` +
		`"source":"a list","as_of":"2026-10-02","doubt":"too low","own":true}`
	if err != nil || string(data) != want {
		t.Errorf("JSON is %s, %v", data, err)
	}
	var back Price
	if err := json.Unmarshal(data, &back); err != nil || !back.Equal(p) {
		t.Errorf("read back %+v, %v", back, err)
	}
	for name, change := range map[string]func(*Price){
		"cached":    func(q *Price) { q.CachedInput = Rate{} },
		"write":     func(q *Price) { q.CacheWrite = NoCharge() },
		"reasoning": func(q *Price) { q.Reasoning = Rate{} },
		"batch":     func(q *Price) { q.Batch = NoOffer() },
		"tier":      func(q *Price) { q.Tiers = []Tier{q.Tiers[0]} },
		"service":   func(q *Price) { q.Service = Priority },
		"hours":     func(q *Price) { q.Hours = Hours{} },
	} {
		q := p
		change(&q)
		if q.SameTerms(p) || q.Equal(p) {
			t.Errorf("another %s makes no difference", name)
		}
	}
	for name, change := range map[string]func(*Price){
		"from": func(q *Price) { q.From = Date{} }, "until": func(q *Price) { q.Until = Date{} },
		"doubt": func(q *Price) { q.Doubt = "" }, "own": func(q *Price) { q.Own = false },
	} {
		q := p
		change(&q)
		if !q.SameTerms(p) || q.Equal(p) {
			t.Errorf("another %s is another offer, or no difference", name)
		}
	}
}

// A tier is a cliff: the whole request is billed at it, chosen by the whole input.
func TestTiers(t *testing.T) {
	p := longPrice(t)
	for _, c := range []struct {
		usage Usage
		want  string // "" where unknown
	}{
		{Usage{Input: 100_000, Output: 1_000}, "0.21"},
		{Usage{Input: 100_001, Output: 1_000}, "0.312003"},
		{Usage{Input: 272_000, Output: 1_000}, "0.828"},
		{Usage{Input: 272_001, Output: 1_000}, "1.103004"},
		// Cached input counts towards the length, and is not billed twice.
		{Usage{Input: 100_000, Cached: 90_000, Output: 1_000}, "0.048"},
		{Usage{Input: 100_000, Cached: 50_000, CacheWrite: 50_000}, "0.135"},
		{Usage{Input: 100_001, Cached: 100_000}, "0.300003"}, // none of its own there: as input
		{Usage{Input: 272_001, Cached: 1}, ""},               // unknown there
		// Reasoning is a part of the output.
		{Usage{Output: 1_000, Reasoning: 400}, "0.01"},
		{Usage{Input: 300_000, Output: 1_000, Reasoning: 400}, "1.217"},
		{Usage{Input: 10, Cached: 11}, ""},
		{Usage{Input: 10, Cached: 6, CacheWrite: 5}, ""},
		{Usage{Output: 10, Reasoning: 11}, ""},
		{Usage{Input: 10, Cached: -1}, ""},
	} {
		got, known := p.CostOf(c.usage)
		if known != (c.want != "") || known && got.String() != c.want {
			t.Errorf("%+v costs %s, %v; want %q", c.usage, got, known, c.want)
		}
	}
	if got, _ := p.Cost(272_001, 1_000); got.String() != "1.103004" {
		t.Errorf("a long request costs %s", got)
	}
	if !p.RatesFor(272_001).Input.Equal(rate(t, "4")) || !p.RatesFor(1).Equal(p.Rates()) {
		t.Error("the rates are of another tier")
	}
}

func TestMultiplier(t *testing.T) {
	for _, c := range []struct {
		text, shown, json string
		known, absent     bool
	}{
		{"0.5", "0.5", `"0.5"`, true, false},
		{"0", "0", `"0"`, true, false},
		{"10", "10", `"10"`, true, false},
		{"none", "none", `"none"`, true, true},
		{"", "?", "null", false, false},
	} {
		m, err := ParseMultiplier(c.text)
		data, _ := json.Marshal(m)
		if err != nil || m.String() != c.shown || m.Known() != c.known || m.Absent() != c.absent || string(data) != c.json {
			t.Errorf("%q is %s, known %v, absent %v, %s, %v", c.text, m, m.Known(), m.Absent(), data, err)
		}
		var back Multiplier
		if err := json.Unmarshal(data, &back); err != nil || !back.Equal(m) {
			t.Errorf("%s read back as %s, %v", data, back, err)
		}
		if _, ok := m.Rat(); ok != (c.known && !c.absent) {
			t.Errorf("%q has a factor: %v", c.text, ok)
		}
	}
	if zero, _ := ParseMultiplier("0"); zero.Equal(NoOffer()) || zero.Equal(Multiplier{}) || NoOffer().Equal(Multiplier{}) {
		t.Error("unknown, absent and 0 are not three things")
	}
	for in, want := range map[string]string{
		"-0.5": `multiplier "-0.5" is negative`,
		"50%":  `multiplier "50%" is not a number`,
		"50":   `multiplier "50" is too large or too finely divided`,
	} {
		_, err := ParseMultiplier(in)
		wantInputError(t, err, want)
	}
	if err := new(Multiplier).UnmarshalJSON([]byte("0.5")); err == nil {
		t.Error("a JSON number was read as a multiplier")
	}
}

func TestHours(t *testing.T) {
	at := func(s string) time.Time {
		moment, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		hours, shown string
		in, out      []string
	}{
		{
			"01:00-04:00  06:00-10:00 Mon-Fri", "01:00-04:00 06:00-10:00 Mon-Fri",
			[]string{"2026-11-20T01:00:00Z", "2026-11-20T03:59:59Z", "2026-11-20T09:59:00Z", "2026-11-20T15:30:00+08:00"},
			[]string{"2026-11-20T00:59:59Z", "2026-11-20T04:00:00Z", "2026-11-20T10:00:00Z", "2026-11-21T01:00:00Z"},
		},
		{"16:30-00:30", "16:30-00:30", []string{"2026-11-20T23:00:00Z", "2026-11-21T00:29:59Z"}, []string{"2026-11-20T16:29:00Z", "2026-11-21T00:30:00Z"}},
		{"08:00-24:00 Sat-Sun", "08:00-00:00 Sat-Sun", []string{"2026-11-21T23:59:00Z", "2026-11-22T08:00:00Z"}, []string{"2026-11-20T09:00:00Z"}},
		{"08:00-09:00 Fri", "08:00-09:00 Fri", []string{"2026-11-20T08:30:00Z"}, []string{"2026-11-19T08:30:00Z"}},
		{"08:00-09:00 Mon-Sun", "08:00-09:00", []string{"2026-11-20T08:30:00Z"}, nil},
		{"", "", nil, []string{"2026-11-20T08:30:00Z"}},
	} {
		h, err := ParseHours(c.hours)
		if err != nil || h.String() != c.shown || h.IsZero() != (c.hours == "") {
			t.Errorf("%q is %q, %v", c.hours, h, err)
		}
		if back, err := ParseHours(h.String()); err != nil || !back.Equal(h) {
			t.Errorf("%q read back as %q, %v", h, back, err)
		}
		for _, s := range c.in {
			if !h.Contains(at(s)) {
				t.Errorf("%q does not contain %s", h, s)
			}
		}
		for _, s := range c.out {
			if h.Contains(at(s)) {
				t.Errorf("%q contains %s", h, s)
			}
		}
	}
	for _, bad := range []string{
		"Mon-Fri", "1-4", "01:00", "25:00-26:00", "01:00-01:00", "01:00-04:00 Mon-Fri Sat", "01:00-04:00 Mo",
		"01:00-04:00 Mon-Fri 06:00-10:00", "1:00-4:00", "\x1b", strings.Repeat("01:00-02:00 ", 9),
	} {
		if _, err := ParseHours(bad); err == nil {
			t.Errorf("%q was read as hours", bad)
		} else {
			wantInputErrorForm(t, err)
		}
	}
}

func FuzzParseHours(f *testing.F) {
	f.Add("01:00-04:00 06:00-10:00 Mon-Fri")
	f.Add("16:30-00:30")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHours(s)
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		if back, err := ParseHours(h.String()); err != nil || !back.Equal(h) {
			t.Fatalf("%q became %q and then %q, %v", s, h, back, err)
		}
	})
}

// Before its release a model has no price, pinned or not; a price without a
// beginning is only assumed to have held long before its source.
func TestPriceBeforeRelease(t *testing.T) {
	m := lookup(t, "gpt-4o-mini") // released 2024-07-18
	for day, want := range map[string]bool{"2024-07-17": false, "2024-07-18": true} {
		if m.PriceOn(date(t, day)).Known() != want || m.PriceInOn("reference", date(t, day)).Known() != want || m.UnreleasedOn(date(t, day)) == want {
			t.Errorf("on %s the price is %+v", day, m.PriceOn(date(t, day)))
		}
	}
	if (Model{}).UnreleasedOn(date(t, "2020-01-01")) {
		t.Error("a release that is not known is ahead")
	}
	p := price(t, "1", "1")
	p.AsOf = date(t, "2026-08-21")
	for day, want := range map[string]bool{"2025-08-20": true, "2025-08-21": false, "2027-01-01": false} {
		if p.AssumedOn(date(t, day)) != want {
			t.Errorf("on %s it is assumed %v", day, !want)
		}
	}
	p.From = date(t, "2024-01-01")
	if p.AssumedOn(date(t, "2024-01-02")) {
		t.Error("a price with a beginning is assumed")
	}
}

func TestPriceOn(t *testing.T) {
	at := func(source, asOf, from, until string, change ...func(*Price)) Price {
		p := Price{Source: source, AsOf: date(t, asOf)}
		if from != "" {
			p.From = date(t, from)
		}
		if until != "" {
			p.Until = date(t, until)
		}
		for _, c := range change {
			c(&p)
		}
		return p
	}
	own := func(p *Price) { p.Own = true }
	doubted := func(p *Price) { p.Doubt = "a slip" }
	peak := func(p *Price) { p.Hours, _ = ParseHours("01:00-04:00") }
	flex := func(p *Price) { p.Service = Flex }
	scheduled := []Price{at("now", "2026-10-01", "", "2027-01-01"), at("then", "2026-10-01", "2027-01-01", "")}
	for _, c := range []struct {
		name   string
		prices []Price
		day    string
		want   string
	}{
		{"the newest source", []Price{at("old", "2026-01-01", "", ""), at("new", "2026-02-01", "", "")}, "2026-03-01", "new"},
		{"the first of equals", []Price{at("a", "2026-01-01", "", ""), at("b", "2026-01-01", "", "")}, "2026-03-01", "a"},
		{"the user's own", []Price{at("own", "2025-01-01", "", "", own), at("new", "2026-02-01", "", "")}, "2026-03-01", "own"},
		{"the one not doubted", []Price{at("a", "2026-01-01", "", ""), at("typo", "2026-02-01", "", "", doubted)}, "2026-03-01", "a"},
		{"doubted is better than none", []Price{at("typo", "2026-02-01", "", "", doubted)}, "2026-03-01", "typo"},
		{"the last day before", scheduled, "2026-12-31", "now"},
		{"the first day after", scheduled, "2027-01-01", "then"},
		{"before all", []Price{at("a", "2026-01-01", "2026-01-01", "")}, "2025-12-31", ""},
		{"after all", []Price{at("a", "2026-01-01", "", "2026-06-01")}, "2026-06-01", ""},
		{"not a special offer", []Price{at("peak", "2026-02-01", "", "", peak), at("flex", "2026-02-01", "", "", flex), at("a", "2026-01-01", "", "")}, "2026-03-01", "a"},
	} {
		if got := (Model{Prices: c.prices}).PriceOn(date(t, c.day)).Source; got != c.want {
			t.Errorf("%s: %q holds, want %q", c.name, got, c.want)
		}
	}
	if got := (Model{Prices: scheduled}).Price().Source; got != "now" {
		t.Errorf("without a day %q holds", got)
	}
	next, on, ok := Model{Prices: []Price{
		at("now", "2026-10-01", "", "2027-01-01"),
		at("then", "2026-10-01", "2027-01-01", "", func(p *Price) { p.Input = rate(t, "4") }),
	}}.NextChange(date(t, "2026-11-20"))
	if !ok || on != date(t, "2027-01-01") || next.Source != "then" {
		t.Errorf("the next change is on %s to %q, %v", on, next.Source, ok)
	}
	if _, _, ok := (Model{Prices: scheduled}).NextChange(date(t, "2027-01-01")); ok {
		t.Error("a change after the last")
	}
	m := Model{Prices: []Price{at("base", "2026-02-01", "", ""), at("peak", "2026-02-01", "", "", peak), at("flex", "2026-02-01", "", "", flex)}}
	for _, c := range []struct {
		moment  string
		service Service
		want    string
	}{
		{"2026-11-20T02:00:00Z", Standard, "peak"},
		{"2026-11-20T05:00:00Z", Standard, "base"},
		{"2026-11-20T02:00:00Z", Flex, "flex"},
		{"2026-11-20T02:00:00Z", Priority, ""},
	} {
		moment, _ := time.Parse(time.RFC3339, c.moment)
		if got := m.PriceAt(moment, c.service).Source; got != c.want {
			t.Errorf("at %s as %q the price is %q, want %q", c.moment, c.service, got, c.want)
		}
	}
	if offers := m.OffersOn(date(t, "2026-11-20")); len(offers) != 2 || offers[0].Source != "peak" || offers[1].Source != "flex" {
		t.Errorf("the other offers are %+v", offers)
	}
	history := Model{Prices: []Price{at("s", "2026-02-01", "2026-02-01", ""), at("s", "2026-01-01", "", "2026-02-01"), at("t", "2026-01-01", "", "")}}.History("s")
	if len(history) != 2 || !history[0].From.IsZero() {
		t.Errorf("the history is %+v", history)
	}
}

func TestDisagreementIsOfTheSameOfferAndTime(t *testing.T) {
	held := price(t, "1", "1")
	held.AsOf = date(t, "2026-10-01")
	for name, change := range map[string]func(*Price){
		"ended before":  func(p *Price) { p.Until = date(t, "2026-10-01") },
		"other service": func(p *Price) { p.Service = Flex },
		"other hours":   func(p *Price) { p.Hours, _ = ParseHours("01:00-04:00") },
	} {
		other := price(t, "2", "2")
		change(&other)
		if _, ok := (Model{Prices: []Price{held, other}}).Disagreement(held); ok {
			t.Errorf("%s: it disagrees", name)
		}
	}
	held.Until = date(t, "2027-01-01")
	later := price(t, "2", "2")
	later.From = held.Until
	if _, ok := (Model{Prices: []Price{held, later}}).Disagreement(held); ok {
		t.Error("a price of later disagrees")
	}
}

func TestSupport(t *testing.T) {
	for s, want := range map[Support]string{SupportUnknown: "unknown", Supported: "yes", Unsupported: "no"} {
		text, _ := s.MarshalText()
		var back Support
		if err := back.UnmarshalText(text); string(text) != want || err != nil || back != s {
			t.Errorf("%d is %s and then %d, %v", s, text, back, err)
		}
	}
	wantInputErrorForm(t, new(Support).UnmarshalText([]byte("maybe")))
	if s, err := ParseService("standard"); err != nil || s != Standard {
		t.Errorf("standard is %q, %v", s, err)
	}
	_, err := ParseService("express")
	wantInputError(t, err, `there is no service tier "express"`)
}
