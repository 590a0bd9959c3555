package store

import (
	"math"
	"sort"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// sketchMapping is how values become bins: part of the format.
var sketchMapping = func() mapping.IndexMapping {
	m, err := mapping.NewLogarithmicMapping(SketchError)
	if err != nil { // the constant is between 0 and 1
		panic(err)
	}
	return m
}()

// maxSketch bounds an encoded sketch, in bytes.
const maxSketch = 64 << 10

// newSketch is empty. Its stores are sparse: a dense one can be made to fill the
// memory by two values that are far apart.
func newSketch() *ddsketch.DDSketch {
	return ddsketch.NewDDSketch(sketchMapping, store.NewSparseStore(), store.NewSparseStore())
}

// digest of sorted values.
func digest(sorted []float64) Digest {
	if len(sorted) == 0 {
		return Digest{}
	}
	d := Digest{Spread: spread(sorted), Max: sorted[len(sorted)-1]}
	// Durations and their like are never so far apart that a dense store takes
	// much; it is written in order, so that the same values give the same record.
	sketch := ddsketch.NewDDSketch(sketchMapping, store.NewDenseStore(), store.NewDenseStore())
	for _, v := range sorted {
		if sketch.Add(v) != nil { // not in its range: so long that it may be called that
			_ = sketch.Add(sketchMapping.MaxIndexableValue())
		}
	}
	sketch.Encode(&d.sketch, true)
	return d
}

// merge adds what another digest holds.
func (d *Digest) merge(other Digest) error {
	if other.N == 0 {
		return nil
	}
	if d.N == 0 {
		*d = other
		return nil
	}
	if d.merged == nil {
		d.merged = newSketch()
		if err := d.merged.DecodeAndMergeWith(d.sketch); err != nil {
			return ErrDamaged
		}
	}
	if other.merged != nil {
		if err := d.merged.MergeWith(other.merged); err != nil {
			return ErrDamaged
		}
	} else if err := d.merged.DecodeAndMergeWith(other.sketch); err != nil {
		return ErrDamaged
	}
	d.N += other.N
	d.Max = math.Max(d.Max, other.Max)
	d.Sketched = true
	return nil
}

// settle works out the quantiles of a digest that was merged.
func (d *Digest) settle() error {
	if d.merged == nil {
		return nil
	}
	b, err := d.values()
	if err != nil {
		return err
	}
	d.P25, d.P50, d.P75, d.P95 = b.quantileAt(0.25), b.quantileAt(0.5), b.quantileAt(0.75), b.quantileAt(0.95)
	return d.encode()
}

// widest is how many bins a dense store may have: values from a nanosecond to the
// age of the universe take half of that.
const widest = 1 << 13

// encode writes what was merged in order, through a dense store.
func (d *Digest) encode() error {
	dense := ddsketch.NewDDSketch(sketchMapping, store.NewDenseStore(), store.NewDenseStore())
	for _, s := range []store.Store{d.merged.GetPositiveValueStore(), d.merged.GetNegativeValueStore()} {
		low, err := s.MinIndex()
		if err != nil {
			continue // it is empty
		}
		if high, err := s.MaxIndex(); err != nil || high-low > widest {
			return ErrDamaged
		}
	}
	if err := dense.MergeWith(d.merged); err != nil {
		return ErrDamaged
	}
	d.sketch = nil
	dense.Encode(&d.sketch, true)
	return nil
}

// bins are the values of a sketch, rising, with how many there are up to each.
type bins struct {
	n     int
	value []float64
	upTo  []int
}

// values reads a digest's sketch.
func (d *Digest) values() (bins, error) {
	sketch := d.merged
	if sketch == nil {
		sketch = newSketch()
		if d.N > 0 && sketch.DecodeAndMergeWith(d.sketch) != nil {
			return bins{}, ErrDamaged
		}
	}
	b := bins{}
	total, fine := 0.0, true
	type bin struct{ value, count float64 }
	var all []bin
	sketch.ForEach(func(value, count float64) bool {
		fine = fine && count > 0 && count <= 1<<40 && !math.IsInf(value, 0) && !math.IsNaN(value)
		all = append(all, bin{value, count})
		return !fine
	})
	if !fine {
		return bins{}, ErrDamaged
	}
	sort.Slice(all, func(i, j int) bool { return all[i].value < all[j].value })
	for _, one := range all {
		total += one.count
		b.value, b.upTo = append(b.value, one.value), append(b.upTo, int(math.Round(total)))
	}
	b.n = int(math.Round(total))
	if b.n != d.N {
		return bins{}, ErrDamaged
	}
	return b, nil
}

// at is the value at a rank, counted from 0.
func (b bins) at(rank int) float64 {
	i := sort.Search(len(b.upTo), func(i int) bool { return b.upTo[i] > rank })
	return b.value[min(i, len(b.value)-1)]
}

func (b bins) quantileAt(p float64) float64 {
	if b.n == 0 {
		return 0
	}
	h := p * float64(b.n-1)
	i := int(h)
	v := b.at(i)
	if i+1 < b.n {
		v += (h - float64(i)) * (b.at(i+1) - v)
	}
	return v
}

// speed turns milliseconds a token into tokens a second, which a relative error
// survives.
func (b bins) speed() bins {
	s := bins{}
	for i := len(b.value) - 1; i >= 0; i-- {
		if b.value[i] <= 0 {
			continue
		}
		count := b.upTo[i]
		if i > 0 {
			count -= b.upTo[i-1]
		}
		s.n += count
		s.value, s.upTo = append(s.value, 1000/b.value[i]), append(s.upTo, s.n)
	}
	return s
}
