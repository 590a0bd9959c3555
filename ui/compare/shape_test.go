package compare

import (
	"errors"
	"testing"

	"costping/costmodel"
)

func TestShape(t *testing.T) {
	items := func(in string) costmodel.Workload {
		input, errIn := costmodel.ParseCount(in)
		output, errOut := costmodel.ParseCount("100")
		volume, errVolume := costmodel.ParseVolume("100 documents/day")
		w, err := costmodel.Workload{Volume: volume}.WithItem(input, output)
		if err := errors.Join(errIn, errOut, errVolume, err); err != nil {
			t.Fatal(err)
		}
		return w
	}
	volume, err := costmodel.ParseVolume("10M/day")
	if err != nil {
		t.Fatal(err)
	}
	tokens := costmodel.Workload{Volume: volume}
	for _, c := range []struct {
		probed float64
		work   costmodel.Workload
		want   string
	}{
		{60, items("1875"), "shorter than your items"},
		{499, items("1000"), "shorter than your items"},
		{500, items("1000"), ""}, // half stands for it still
		{1000, items("1000"), ""},
		{2000, items("1000"), ""},
		{2001, items("1000"), "longer than your items"},
		{0, items("1000"), ""}, // not seen
		{60, tokens, ""},       // no item was said
	} {
		if got := Shape(c.probed, c.work); got != c.want {
			t.Errorf("%v tokens for %s: %q, want %q", c.probed, c.work, got, c.want)
		}
	}
}
