package chart

import (
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"costping/ui/dashboard/theme"
)

var noon = time.Date(2026, 11, 20, 14, 2, 0, 0, time.UTC)

// day is a made-up day of three models in steps of ten minutes, with a gap.
func day() Lines {
	l := Lines{
		From: noon.Add(-24 * time.Hour), To: noon, Limit: Limit{Value: 800, Label: "limit 800"}, Idle: "no probes",
		Events: []Event{{At: noon.Add(-4 * time.Hour)}, {At: noon.Add(-9 * time.Hour), Bad: true}},
	}
	for i, m := range []struct {
		letter, name string
		level        float64
	}{{"a", "gpt-4o-mini", 379}, {"b", "llama-3.1-70b", 640}, {"c", "gpt-4o", 806}} {
		s := Series{Letter: m.letter, Name: m.name}
		for k := range 144 {
			x := float64(k)
			v := m.level * (1 + 0.1*math.Sin(x/9+float64(i)) + 0.06*math.Sin(x*1.7+float64(3*i)))
			if i == 1 && k > 60 && k < 90 {
				v *= 1.5
			}
			s.Points = append(s.Points, Point{At: l.From.Add(time.Duration(k) * 10 * time.Minute), Value: v, OK: k < 92 || k > 110})
		}
		l.Series = append(l.Series, s)
	}
	return l
}

func TestDemo(t *testing.T) {
	if os.Getenv("DEMO") == "" {
		t.Skip()
	}
	g := theme.Unicode()
	switch os.Getenv("DEMO") {
	case "block":
		g = theme.Block()
	case "ascii":
		g = theme.ASCII()
	}
	th := theme.New(g, os.Getenv("NC") == "")
	l := day()
	fmt.Println(l.Render(100, 14, th))
	l.Series = l.Series[:1]
	for _, p := range l.Series[0].Points {
		l.Series[0].Band = append(l.Series[0].Band, Span{p.At, p.Value * 0.85, p.Value * 1.3, p.OK})
	}
	l.Cursor = noon.Add(-6 * time.Hour)
	fmt.Println(l.Render(100, 12, th))
	l = day()
	fmt.Println(l.Render(80, 4, th))
	fmt.Println(l.Render(30, 6, th))
}
