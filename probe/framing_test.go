package probe

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// frame feeds the pieces as separate reads and returns the events' data.
func frame(maxEvent int, pieces ...string) (events []string, reads []int, overflow bool) {
	f := framer{maxEvent: maxEvent}
	emit := func(e framed) {
		text := string(e.data)
		if e.name != "" {
			text = e.name + "|" + text
		}
		events, reads = append(events, text), append(reads, e.read)
	}
	for i, p := range pieces {
		f.feed([]byte(p), arrival{read: i + 1}, emit)
	}
	f.finish(arrival{read: len(pieces)}, emit)
	return events, reads, f.overflow
}

func TestFraming(t *testing.T) {
	for _, tc := range []struct {
		name   string
		pieces []string
		want   []string
		reads  []int
	}{
		{"line feeds", []string{"data: a\n\ndata: b\n\n"}, []string{"a", "b"}, []int{1, 1}},
		{"carriage returns", []string{"data: a\r\rdata: b\r\r"}, []string{"a", "b"}, nil},
		{"both", []string{"data: a\r\n\r\ndata: b\r\n\r\n"}, []string{"a", "b"}, nil},
		{"a line end cut between reads", []string{"data: a\r", "\n\r", "\ndata: b\n\n"}, []string{"a", "b"}, []int{1, 3}},
		{"byte order mark", []string{"\xef\xbb\xbfdata: a\n\n"}, []string{"a"}, nil},
		{"byte order mark only at the start", []string{"data: a\n\n\xef\xbb\xbfdata: b\n\n"}, []string{"a"}, nil},
		{"comments and heartbeats", []string{": ping\n\n:\n\ndata: a\n\n: ping\n"}, []string{"a"}, nil},
		{"no space after the colon", []string{"data:a\n\n"}, []string{"a"}, nil},
		{"only one space is dropped", []string{"data:  a\n\n"}, []string{" a"}, nil},
		{"several data lines", []string{"data: {\ndata: }\n\n"}, []string{"{\n}"}, nil},
		{"event names", []string{"event: error\ndata: a\n\ndata: b\n\n"}, []string{"error|a", "b"}, nil},
		{"id and retry are nobody's", []string{"id: 7\nretry: 10\ndata: a\n\n"}, []string{"a"}, nil},
		{"data without a colon is an empty line", []string{"data\n\n"}, []string{""}, nil},
		{"an event without data is none", []string{"event: ping\n\ndata: a\n\n"}, []string{"a"}, nil},
		{"the last event unterminated", []string{"data: a\n\ndata: b"}, []string{"a", "b"}, nil},
		{"the last blank line missing", []string{"data: a\n"}, []string{"a"}, nil},
		{"stamped by the read that ended its data line", []string{"da", "ta: a\n", "\n"}, []string{"a"}, []int{2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, reads, _ := frame(1<<20, tc.pieces...)
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if tc.reads != nil && !slices.Equal(reads, tc.reads) {
				t.Errorf("reads %v, want %v", reads, tc.reads)
			}
		})
	}
}

func TestFramingBoundsAnEvent(t *testing.T) {
	_, _, overflow := frame(1000, "data: "+strings.Repeat("x", 2000)+"\n\n")
	if !overflow {
		t.Error("an event over the limit went through")
	}
	_, _, overflow = frame(1000, strings.Repeat("data: "+strings.Repeat("x", 400)+"\n", 3))
	if !overflow {
		t.Error("an event of many lines over the limit went through")
	}
	if _, _, overflow = frame(1000, strings.Repeat("data: "+strings.Repeat("x", 400)+"\n\n", 9)); overflow {
		t.Error("many small events were taken for a large one")
	}
}

// However the bytes are cut into reads, the events are the same.
func FuzzFraming(f *testing.F) {
	for _, seed := range []string{"data: a\n\ndata: b\r\n\r\n", "\xef\xbb\xbfevent: e\rdata:x\r\r", ": c\n\ndata\n\n", "data: {\"a\":\ndata: 1}\n\n"} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		whole, _, overflow := frame(4096, string(stream))
		var pieces []string
		for piece := range slices.Chunk(stream, int(size)%7+1) {
			pieces = append(pieces, string(piece))
		}
		cut, reads, cutOverflow := frame(4096, pieces...)
		if !slices.Equal(whole, cut) && !overflow {
			t.Fatalf("in one read %q, in pieces %q", whole, cut)
		}
		if !slices.IsSorted(reads) {
			t.Fatalf("reads out of order: %v", reads)
		}
		if overflow && !cutOverflow {
			t.Fatal("the bound depends on how the bytes are cut")
		}
		for _, e := range whole {
			if bytes.ContainsRune([]byte(e), '\r') {
				t.Fatalf("a line end inside %q", e)
			}
		}
	})
}
