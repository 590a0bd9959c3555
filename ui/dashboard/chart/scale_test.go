package chart

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func texts(ticks []tick) string {
	var all []string
	for _, t := range ticks {
		all = append(all, t.text)
	}
	return strings.Join(all, " ")
}

func TestTicks(t *testing.T) {
	for _, tc := range []struct {
		name   string
		lo, hi float64
		log    bool
		n      int
		want   string
	}{
		{"one, two, five", 90, 6000, true, 8, "100 200 500 1,000 2,000 5,000"},
		{"fewer kinds where there is no room", 90, 6000, true, 4, "100 300 1,000 3,000"},
		{"powers only", 1, 1e6, true, 7, "1 10 100 1,000 10,000 100,000 1,000,000"},
		{"every second power", 1, 1e6, true, 4, "1 100 10,000 1,000,000"},
		{"two powers tell more of a long axis than figures at its end", 20, 3e5, true, 3, "100 10,000"},
		{"a short logarithmic axis is evenly spaced", 300, 900, true, 4, "400 600 800"},
		{"linear", 0, 100, false, 6, "0 20 40 60 80 100"},
		{"linear below one", 0, 0.05, false, 6, "0 0.01 0.02 0.03 0.04 0.05"},
		{"none", 0, 100, false, 0, ""},
	} {
		s := scale{lo: tc.lo, hi: tc.hi, log: tc.log}
		if got := texts(s.ticks(tc.n, Figure)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// Whatever the axis, its ticks are few, within it and in order.
func TestTicksOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := span{log: rapid.Bool().Draw(t, "log")}
		for _, v := range rapid.SliceOfN(figures(), 0, 5).Draw(t, "values") {
			s.add(v)
		}
		n := rapid.IntRange(0, 12).Draw(t, "n")
		ticks := s.scale().ticks(n, Figure)
		if len(ticks) > n {
			t.Fatalf("%d ticks of %d", len(ticks), n)
		}
		for i, k := range ticks {
			if math.IsNaN(k.at) || k.at < -1e-6 || k.at > 1+1e-6 || i > 0 && k.at <= ticks[i-1].at {
				t.Fatalf("tick %d of %v", i, ticks)
			}
		}
	})
}

func TestFigures(t *testing.T) {
	for _, tc := range []struct {
		v           float64
		long, short string
	}{
		{0, "0", "0"},
		{0.5, "0.5", "0.5"},
		{41.46, "41.5", "41.5"},
		{99.96, "100", "100"},
		{701.6, "702", "702"},
		{1234.4, "1,234", "1.23k"},
		{-1234567, "-1,234,567", "-1.23M"},
		{51.4e6, "51,400,000", "51.4M"},
		{999600, "999,600", "1M"},
		{math.NaN(), "?", "?"},
		{math.Inf(1), "?", "?"},
		{1e300, "1e+300", "1e+300"},
	} {
		if got := Figure(tc.v); got != tc.long {
			t.Errorf("Figure(%v) is %q, want %q", tc.v, got, tc.long)
		}
		if got := Short(tc.v); got != tc.short {
			t.Errorf("Short(%v) is %q, want %q", tc.v, got, tc.short)
		}
	}
}

func TestTimeAxis(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, tc := range []struct {
		name    string
		from    time.Time
		length  time.Duration
		zone    *time.Location
		columns int
		want    string
	}{
		{"a quarter of an hour", noon, 15 * time.Minute, time.UTC, 60, "14:05 14:10 14:15"},
		{"a day", noon, 24 * time.Hour, time.UTC, 60, "18:00 21 Nov 06:00 12:00"},
		{"in another zone", noon, 24 * time.Hour, berlin, 60, "18:00 21 Nov 06:00 12:00"},
		{"a week", noon, 7 * 24 * time.Hour, time.UTC, 80, "21 Nov 22 Nov 23 Nov 24 Nov 25 Nov 26 Nov 27 Nov"},
		{"a month", noon, 30 * 24 * time.Hour, time.UTC, 60, "26 Nov 3 Dec 10 Dec 17 Dec"},
		{"a month that began three days later", noon.AddDate(0, 0, 3), 30 * 24 * time.Hour, time.UTC, 60, "26 Nov 3 Dec 10 Dec 17 Dec"},
		{"a year", noon, 365 * 24 * time.Hour, time.UTC, 60, "Jan 2027 Apr 2027 Jul 2027 Oct 2027"},
		{"where a day has 25 hours", time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), 25 * time.Hour, berlin, 60, "25 Oct 06:00 12:00 18:00 26 Oct"},
	} {
		s := timeSpan{from: tc.from, to: tc.from.Add(tc.length), zone: tc.zone}
		if got := texts(s.ticks(tc.columns)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
