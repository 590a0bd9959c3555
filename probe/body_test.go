package probe

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// What the measuring body keeps, and what go-openai gets to read: the end of an
// event stream, and the whole of an error.
func TestRecordingBody(t *testing.T) {
	for _, tc := range []struct {
		name, sent string
		status     int
		handed     string
		events     int
	}{
		{name: "a stream", sent: "data: {}\n\ndata: {}\n\ndata: [DONE]\n\n", handed: "data: [DONE]\n", events: 3},
		{name: "another dialect", sent: "\xef\xbb\xbf: hello\r\revent: x\rdata:{}\r\rdata:[DONE] \r\r", handed: "data: [DONE]\n", events: 2},
		{name: "no end", sent: "data: {}\n\ndata: {}\n\n", events: 2},
		{name: "no last line end", sent: "data: {}\n\ndata: [DONE]", handed: "data: [DONE]\n", events: 2},
		{name: "an error inside", sent: "data: {\"error\":{}}\n\ndata: {}\n\n", events: 2},
		{name: "done in the midst of a line", sent: "data: {\"x\":\"[DONE]\"}\n\n", events: 1},
		{name: "no stream", sent: "<html>\n"},
		{name: "nothing"},
		{name: "an error status", sent: `{"error":{}}`, status: http.StatusBadRequest, handed: `{"error":{}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.status == 0 {
				tc.status = http.StatusOK
			}
			rec := &record{t0: time.Now(), status: tc.status}
			body := &recordingBody{
				rec: rec, frames: framer{maxEvent: maxEventSize},
				body: io.NopCloser(iotest.OneByteReader(strings.NewReader(tc.sent))),
			}
			handed, err := io.ReadAll(body)
			if err != nil || string(handed) != tc.handed {
				t.Errorf("go-openai reads %q, %v; want %q", handed, err, tc.handed)
			}
			if len(rec.events) != tc.events || !rec.ended || rec.end != nil {
				t.Errorf("%d events, ended %v with %v; want %d and a proper end", len(rec.events), rec.ended, rec.end, tc.events)
			}
		})
	}
}
