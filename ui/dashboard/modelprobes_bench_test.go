package dashboard

import "testing"

// What a frame of these screens takes at a large size, on a day of history.
func BenchmarkModelAndProbesFrame(b *testing.B) {
	for key, name := range map[string]string{"2": "model", "6": "probes"} {
		b.Run(name, func(b *testing.B) {
			o := options(b)
			o.History = samples(1400, models)
			m := openedOn(o, 200, 60)
			press(m, key)
			for b.Loop() {
				m.frame = ""
				m.View()
			}
		})
	}
}
