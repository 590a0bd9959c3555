package snapshot

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"costping/store"
)

// numbers are lists of figures as json.Indent writes them, one a line.
var numbers = regexp.MustCompile(`\[\n\s+(?:(?:-?[0-9][0-9.eE+-]*|null),\s+)*(?:-?[0-9][0-9.eE+-]*|null)\s+\]`)

// JSON is the record as a file: a field a line, a list of figures a line, always in
// the same order.
func (r *Record) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return numbers.ReplaceAllFunc(b.Bytes(), func(list []byte) []byte {
		return bytes.Join(bytes.Fields(list), nil)
	}), nil
}

// The places of a record in another file.
const (
	// FenceName heads the code block of a record in Markdown: the JSON, compressed
	// with gzip, in base64.
	FenceName = "costping-snapshot"
	// ElementID is the script element of a record in HTML: the JSON as it is.
	ElementID = "costping-snapshot"
)

// mostEmbedded is how long the text of an embedded record should be at most: a forge
// takes comments of 65,536 characters.
const mostEmbedded = 48_000

// lineLength is that of the base64 text.
const lineLength = 120

// fewOrder is from how many order statistics on the series are cut too, and
// leastOrder how many are always left.
const fewOrder, leastOrder = 64, 8

// Embedded is the record as the text of a code block. Where it would be too long for
// a comment, it has fewer order statistics, and then longer steps; kept says how many
// statistics of each figure.
func (r *Record) Embedded() (text string, kept int, err error) {
	for kept = mostOrder; ; kept /= 2 {
		packed, err := r.shortened(kept, max(1, fewOrder/kept)).pack()
		if err != nil {
			return "", 0, err
		}
		if len(packed) <= mostEmbedded || kept <= leastOrder {
			return fold(packed), kept, nil
		}
	}
}

func (r *Record) pack() (string, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(plain); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// unpack reads what pack wrote, whatever a forge or a mail has put between.
func unpack(text []byte) ([]byte, error) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	clean := bytes.Map(func(c rune) rune {
		if strings.ContainsRune(alphabet, c) {
			return c
		}
		return -1
	}, text)
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(clean)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, MaxFile+1))
}

func fold(text string) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(text), lineLength) {
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// shortened is the record with at most n order statistics of a figure, and so many
// steps of its series in one.
func (r *Record) shortened(n, steps int) *Record {
	c := *r
	c.Rows = slices.Clone(r.Rows)
	for i := range c.Rows {
		if c.Rows[i].Measured == nil {
			continue
		}
		m := *c.Rows[i].Measured
		for _, metric := range []*Metric{&m.TTFT, &m.E2E, &m.Speed} {
			metric.Order = thinned(metric.Order, n)
		}
		m.Series = m.Series.coarser(steps)
		c.Rows[i].Measured = &m
	}
	return &c
}

// coarser is the series with so many of its steps in one.
func (s Series) coarser(steps int) Series {
	if steps <= 1 || len(s.N) == 0 {
		return s
	}
	step := time.Duration(s.StepS) * time.Second
	bands := s.bands(store.ChartQuery{From: s.From, To: s.From.Add(step * time.Duration(len(s.N))), Step: step * time.Duration(steps)})
	c := seriesOfBands(bands)
	c.From, c.StepS = s.From, s.StepS*int64(steps)
	return c
}
