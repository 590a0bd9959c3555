package costmodel

import "testing"

// fullWorkload uses every charge that is charged by token or as a share of it.
func fullWorkload(t testing.TB) Workload {
	t.Helper()
	w := items(t, "100k messages/month", "500", "200")
	w.Cached, w.Batch, w.Retries = share(t, "30%"), share(t, "50%"), share(t, "2%")
	return w.WithThinking(rat(t, "1.5"))
}

func catalogPrices(b *testing.B) []Price {
	var prices []Price
	for _, m := range Default().Models() {
		prices = append(prices, m.PriceOn(date(b, "2026-11-20")))
	}
	return prices
}

// One workload on every model of the catalog, exactly: at most 1 ms.
func BenchmarkProjectCatalog(b *testing.B) {
	prices := catalogPrices(b)
	for name, w := range map[string]Workload{"plain": workload(b, "10M/day", "75/25"), "full": fullWorkload(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				projector := NewProjector(w)
				for _, p := range prices {
					projector.Project(p)
				}
			}
		})
	}
}

// 200 points of 120 models: at most 20 ms.
func BenchmarkSweep(b *testing.B) {
	prices := catalogPrices(b)
	for len(prices) < 120 {
		prices = append(prices, prices[0])
	}
	w := workload(b, "10M/day", "75/25")
	for name, axis := range map[string]Axis{"volume": ByVolume, "output": ByOutput, "cached": ByCached, "month": ByMonth} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				total := 0.0
				for _, p := range prices {
					curve, ok := CurveOf(p, w, axis)
					for i := range 200 {
						if ok {
							total += curve.At(float64(i) / 200)
						}
					}
				}
				if total == 0 {
					b.Fatal("nothing costs anything")
				}
			}
		})
	}
}
