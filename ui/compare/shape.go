package compare

import "costping/costmodel"

// shapeFits is the factor within which a probe's input stands for an item's.
const shapeFits = 2

// Shape says how a probe of so many input tokens stands to the items of a workload:
// "shorter than your items" or "longer than your items"; "" where it stands for
// them, or where either is unknown.
func Shape(inputTokens float64, w costmodel.Workload) string {
	length, ok := w.RequestInput()
	if !ok || inputTokens <= 0 {
		return ""
	}
	item, _ := length.Float64()
	switch {
	case inputTokens*shapeFits < item:
		return "shorter than your items"
	case inputTokens > shapeFits*item:
		return "longer than your items"
	}
	return ""
}
