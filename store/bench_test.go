package store

import (
	"fmt"
	"testing"
	"time"

	"costping/probe"
)

// BenchmarkWindow reads a day of 20 series, one probe a minute each, as the
// dashboard does; floor is the same pass without anything decoded.
func BenchmarkWindow(b *testing.B) {
	h, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	var samples []probe.Sample
	for minute := range 1440 {
		for series := range 20 {
			samples = append(samples, good(fmt.Sprint("t", series), day.Add(time.Duration(minute)*time.Minute), 300+(minute*7+series)%200))
		}
	}
	if err := h.Append(b.Context(), samples); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Window(b.Context(), Query{From: day, To: day.Add(24 * time.Hour), Steps: 24}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(samples)), "ns/sample")
}

// What a budget costs a probe: two commits, before and after it.
func BenchmarkReserveAndSettle(b *testing.B) {
	h, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	for b.Loop() {
		if err := h.Settle(b.Context(), reserve(b, h, today, "0.001", "1000000"), usd("0.0009")); err != nil {
			b.Fatal(err)
		}
	}
}
