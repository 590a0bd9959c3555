package accuracy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"costping/probe"
)

// bareReader is the floor: net/http, one buffered read of lines, the time of
// each. It decodes nothing and knows the script instead: of the data lines, the
// token events are those after the role delta, as many as were asked for. It
// has no limits, no watchdogs and no view of the connection.
type bareReader struct {
	http     *http.Client
	together bool // no role delta comes first
}

var _ probe.Prober = (*bareReader)(nil)

func newBareReader(together bool) *bareReader {
	return &bareReader{together: together, http: &http.Client{Transport: &http.Transport{
		DisableCompression: true, MaxIdleConns: 256, MaxIdleConnsPerHost: 256,
	}}}
}

func (r *bareReader) close() { r.http.CloseIdleConnections() }

// Prepare implements probe.Prober.
func (*bareReader) Prepare(context.Context, probe.Target, probe.Profile) {}

// Probe implements probe.Prober.
func (r *bareReader) Probe(ctx context.Context, a probe.Attempt) probe.Sample {
	s := probe.Sample{
		Target: a.Target, Profile: a.Profile.Name, Cap: a.Profile.MaxTokens, At: time.Now().UTC(),
		Outcome: probe.OK, Status: http.StatusOK,
	}
	lines, err := r.lines(ctx, a)
	first, n := 1, a.Profile.MaxTokens
	if r.together {
		first = 0
	}
	if err == nil && len(lines) != first+n+closing {
		err = fmt.Errorf("%d data lines", len(lines))
	}
	if err != nil {
		s.Outcome, s.Error = probe.Malformed, err.Error()
		return s
	}
	from, to := lines[first], lines[first+n-1]
	s.TTFT, s.E2E, s.Events = probe.Known(from), probe.Known(to), n
	if n > 1 {
		s.TPOT = probe.Known((to - from) / time.Duration(n-1))
	}
	return s
}

// closing is how many data lines follow the tokens: the finish reason, usage and
// [DONE].
const closing = 3

var dataField = []byte("data: ")

// lines makes the request and returns when each data line had been read.
func (r *bareReader) lines(ctx context.Context, a probe.Attempt) ([]time.Duration, error) {
	body, err := json.Marshal(map[string]any{
		"model": a.Target.Model, "stream": true, "max_tokens": a.Profile.MaxTokens,
		"stream_options": map[string]bool{"include_usage": true},
		"messages":       []map[string]string{{"role": "user", "content": a.Profile.Prompt}},
	})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Target.BaseURL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	at := make([]time.Duration, 0, a.Profile.MaxTokens+8)
	begun := time.Now()
	resp, err := r.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	for reader := bufio.NewReader(resp.Body); ; {
		line, err := reader.ReadSlice('\n')
		if bytes.HasPrefix(line, dataField) {
			at = append(at, time.Since(begun))
		}
		switch {
		case errors.Is(err, io.EOF):
			return at, nil
		case err != nil:
			return nil, err
		}
	}
}
