package simulator

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// quick is a sound model that takes a few milliseconds.
func quick(model string) Script {
	return Script{Model: model, TTFT: Constant(4 * ms), Gap: Constant(ms)}
}

// start runs a server, and sees to it that it closes without an error.
func start(t testing.TB, options Options) *Server {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// client keeps no connection beyond the test.
func client(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// begin sends a body and returns once the headers of the answer are there.
func begin(t testing.TB, c *http.Client, url, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, response.Body) })
	return response
}

// reply is what a bare reader of lines makes of an answer.
type reply struct {
	status  int
	header  http.Header
	body    string
	data    []string // of the events, in order
	arrived []time.Duration
	err     error // of the request, or of reading the body
}

// closing closes what must close without an error.
func closing(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// post sends a body and reads the answer to its end, each line stamped.
func post(t testing.TB, c *http.Client, url, body string, header ...string) (r reply) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	begun := time.Now()
	response, err := c.Do(request)
	if err != nil {
		return reply{err: err}
	}
	defer closing(t, response.Body)
	r = reply{status: response.StatusCode, header: response.Header}
	lines := bufio.NewReader(response.Body)
	var text strings.Builder
	defer func() { r.body = text.String() }()
	for {
		line, err := lines.ReadString('\n')
		text.WriteString(line)
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			r.data = append(r.data, strings.TrimSuffix(data, "\n"))
			r.arrived = append(r.arrived, time.Since(begun))
		}
		if err != nil {
			if err != io.EOF {
				r.err = err
			}
			return r
		}
	}
}

// chunkJSON is a chunk, or a whole answer, as a client reads it.
type chunkJSON struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Model   string `json:"model"`
	Choices []struct {
		Delta   map[string]string `json:"delta"`
		Message struct {
			Role      string `json:"role"`
			Content   string `json:"content"`
			Reasoning string `json:"reasoning_content"`
		} `json:"message"`
		FinishReason *string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		TotalTokens      int `json:"total_tokens"`
		Details          struct {
			ReasoningTokens int `json:"reasoning_tokens"`
		} `json:"completion_tokens_details"`
	} `json:"usage"`
	Error *apiError `json:"error"`
}

func decodeChunk(t testing.TB, data string) chunkJSON {
	t.Helper()
	var c chunkJSON
	if err := json.Unmarshal([]byte(data), &c); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return c
}

// streamed is a stream summed up.
type streamed struct {
	content, reasoning   string
	contentEvents        int
	reasoningEvents      int
	roles                int // deltas that name one
	finish               []string
	usages, usageNulls   int
	usage                chunkJSON
	errorMessages        []string
	done                 bool
	roleOnly, roleOnText bool
}

func sumUp(t testing.TB, r reply) streamed {
	t.Helper()
	var s streamed
	for i, data := range r.data {
		if data == "[DONE]" {
			s.done = i == len(r.data)-1
			continue
		}
		c := decodeChunk(t, data)
		if strings.Contains(data, `"usage":null`) {
			s.usageNulls++
		}
		if c.Usage != nil {
			s.usages++
			s.usage = c
		}
		if c.Error != nil {
			s.errorMessages = append(s.errorMessages, c.Error.Message)
		}
		for _, choice := range c.Choices {
			if _, ok := choice.Delta["role"]; ok {
				s.roles++
				s.roleOnly = s.roleOnly || choice.Delta["content"]+choice.Delta["reasoning_content"] == ""
				s.roleOnText = s.roleOnText || choice.Delta["content"]+choice.Delta["reasoning_content"] != ""
			}
			if text := choice.Delta["content"]; text != "" {
				s.content += text
				s.contentEvents++
			}
			if text := choice.Delta["reasoning_content"]; text != "" {
				s.reasoning += text
				s.reasoningEvents++
			}
			if choice.FinishReason != nil {
				s.finish = append(s.finish, *choice.FinishReason)
			}
		}
	}
	return s
}

// one is the only record of a server.
func one(t testing.TB, s *Server) Sent {
	t.Helper()
	sent := s.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d records, want 1", len(sent))
	}
	return sent[0]
}
