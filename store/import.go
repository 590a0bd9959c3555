package store

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"costping/probe"
)

// Imported says what an import did.
type Imported struct {
	// Samples counts those that were read and handed over; those that the history
	// had already change nothing.
	Samples int
	// Old counts the samples from before what the history keeps raw: only their
	// rollups were taken.
	Old int
	// Rollups counts the hours and days that were adopted, Notes the events,
	// prices and results that were read.
	Rollups, Notes int
	// Bad counts the lines that could not be read, BadLine is the first of them.
	Bad, BadLine int
}

const (
	// maxLine bounds a line, in bytes.
	maxLine = 1 << 20
	// importBatch is how much is handed over at a time.
	importBatch = 2000
)

// Import reads what ExportJSON wrote into a history. Reading the same again
// changes nothing. A line that cannot be read is counted and left out; a text that
// is no export is refused.
func Import(ctx context.Context, h History, r io.Reader) (Imported, error) {
	info, err := h.Info(ctx)
	if err != nil {
		return Imported{}, err
	}
	im := &importing{h: h, rawFrom: nanosOf(info.RawFrom)}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	read := 0
	for n := 1; lines.Scan(); n++ {
		read = n
		var line exported
		bad := json.Unmarshal(lines.Bytes(), &line) != nil
		if n == 1 && (bad || line.Schema != exportSchema) {
			return im.done, errors.New("the file is not an export of costping as JSON lines")
		}
		if bad || im.take(line) != nil {
			if im.done.Bad++; im.done.BadLine == 0 {
				im.done.BadLine = n
			}
			continue
		}
		if len(im.samples)+len(im.rollups)+im.notes >= importBatch {
			if err := im.flush(ctx); err != nil {
				return im.done, err
			}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return im.done, errors.Join(im.flush(ctx), fmt.Errorf("line %d of the export is longer than %d bytes", read+1, maxLine))
	case err != nil:
		return im.done, fmt.Errorf("reading the export: %w", err)
	case read == 0: // such as a pipe whose other end has failed
		return im.done, errors.New("the export is empty: it has not even its first line")
	}
	return im.done, im.flush(ctx)
}

// importing is one import.
type importing struct {
	h       History
	rawFrom int64
	samples []probe.Sample
	rollups []Rollup
	pending Notes
	notes   int
	done    Imported
}

var errLine = errors.New("a line that cannot be read")

// take takes one line in.
func (im *importing) take(line exported) error {
	switch line.Kind {
	case kindHeader:
		return nil
	case kindSample:
		return im.sample(line)
	case kindHour, kindDay:
		return im.rollup(line)
	case kindEvent:
		if line.Event == nil || checkTime(line.Event.At) != nil {
			return errLine
		}
		im.pending.Events = append(im.pending.Events, *line.Event)
	case kindPrice:
		if line.Price == nil || checkTime(line.Price.At) != nil {
			return errLine
		}
		im.pending.Prices = append(im.pending.Prices, *line.Price)
	case kindResult:
		if line.Result == nil || checkTime(line.Result.At) != nil {
			return errLine
		}
		im.pending.Results = append(im.pending.Results, *line.Result)
	default:
		return errLine
	}
	im.notes++
	return nil
}

func (im *importing) sample(line exported) error {
	if line.At == nil || line.Series == nil || checkTime(*line.At) != nil || line.Series.check() != nil {
		return errLine
	}
	w, err := decode(line.Record)
	if err != nil || !inFormat(&w) {
		return errLine
	}
	if nanosOf(*line.At) < im.rawFrom {
		im.done.Old++
		return nil
	}
	im.samples = append(im.samples, line.Series.sample(nanosOf(*line.At), &w))
	return nil
}

func (im *importing) rollup(line exported) error {
	if line.At == nil || line.Series == nil || checkTime(*line.At) != nil || line.Series.check() != nil {
		return errLine
	}
	r, err := decodeRollup(line.Record)
	if err != nil || string(r.Span) != line.Kind || !line.At.Equal(line.At.Truncate(r.Span.Length())) {
		return errLine
	}
	r.Series, r.From = *line.Series, line.At.UTC()
	im.rollups = append(im.rollups, *r)
	return nil
}

func (im *importing) flush(ctx context.Context) error {
	if err := im.h.Append(ctx, im.samples); err != nil {
		return err
	}
	im.done.Samples += len(im.samples)
	if len(im.rollups) > 0 {
		n, err := im.h.Adopt(ctx, im.rollups)
		if err != nil {
			return err
		}
		im.done.Rollups += n
	}
	if err := im.h.Record(ctx, im.pending); err != nil {
		return err
	}
	im.done.Notes += im.notes
	im.samples, im.rollups, im.pending, im.notes = im.samples[:0], im.rollups[:0], Notes{}, 0
	return nil
}
