package setup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"costping/costmodel"
	"costping/probe"
)

// Place is where a local server may answer.
type Place struct {
	Provider probe.Provider
	// Host is an address on loopback with a port: "127.0.0.1:11434".
	Host string
}

// Places are the usual ports of local servers, Ollama's first.
func Places() []Place {
	var places []Place
	for _, p := range probe.Providers() {
		if u, err := url.Parse(p.BaseURL); p.Local && err == nil {
			places = append(places, Place{p, u.Host})
		}
	}
	slices.SortStableFunc(places, func(a, b Place) int { return cmp.Compare(rank(a), rank(b)) })
	return places
}

func rank(p Place) int {
	if p.Provider.Name == "ollama" {
		return 0
	}
	return 1
}

// Port is the place's port.
func (p Place) Port() string {
	_, port, _ := net.SplitHostPort(p.Host)
	return port
}

// Server is a local server that answered.
type Server struct {
	Place
	// Chat and Embedding are its models, as it names them.
	Chat, Embedding []string
	// Problem says why its models are not known, "" where they are.
	Problem string
}

const (
	// answersWithin is how long a server may take that has accepted the connection: one
	// of this machine that lists what it has, however busy that is.
	answersWithin = time.Second
	// mostListed bounds a list of models, in bytes; mostModels in entries.
	mostListed = 256 << 10
	mostModels = 50
	// longestName bounds the name of a model, in bytes.
	longestName = 120
)

// Servers asks all places at once and returns those that answer, in their order.
// Only loopback is asked.
func Servers(ctx context.Context, places []Place) []Server {
	client := &http.Client{
		Timeout: answersWithin,
		// No proxy, and no redirect to anywhere else.
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answers := make([]*Server, len(places))
	var asking sync.WaitGroup
	for i, p := range places {
		asking.Go(func() { answers[i] = ask(ctx, client, p) })
	}
	asking.Wait()
	var servers []Server
	for _, s := range answers {
		if s != nil {
			servers = append(servers, *s)
		}
	}
	return servers
}

// ask asks one place for its models; nil where nothing answers.
func ask(ctx context.Context, client *http.Client, p Place) *Server {
	host, _, err := net.SplitHostPort(p.Host)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Host+"/v1/models", http.NoBody)
	if err != nil {
		return nil
	}
	response, err := client.Do(request)
	if err != nil {
		return nil
	}
	defer func() { _ = response.Body.Close() }()
	s := &Server{Place: p}
	switch {
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		s.Problem = "it wants a key"
	case response.StatusCode != http.StatusOK:
		s.Problem = fmt.Sprintf("it has no list of models (status %d)", response.StatusCode)
	default:
		s.take(response.Body)
	}
	return s
}

// take reads the list of models. Names that are not fit to be shown, or that no
// target could have, are left out.
func (s *Server) take(body io.Reader) {
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(body, mostListed)).Decode(&list); err != nil {
		s.Problem = "what it answers is no list of models"
		return
	}
	for _, m := range list.Data[:min(len(list.Data), mostModels)] {
		switch name := m.ID; {
		case !fit(name):
		case slices.Contains(s.Chat, name) || slices.Contains(s.Embedding, name):
		case embeds(name):
			s.Embedding = append(s.Embedding, name)
		default:
			s.Chat = append(s.Chat, name)
		}
	}
	if s.Chat == nil && s.Embedding == nil {
		s.Problem = "it has no models"
	}
}

// fit reports whether a target can have the name.
func fit(name string) bool {
	return name != "" && name == probe.Sanitize(name, longestName) && !strings.ContainsAny(name, `*?[]\`)
}

// embedders are parts of the names of models that embed or rank text and do not
// answer.
var embedders = []string{"embed", "bge-", "gte-", "e5-", "minilm", "rerank"}

// embeds reports whether a model is one that does not chat: by the catalog, else by
// its name.
func embeds(name string) bool {
	if m, ok := costmodel.Default().Lookup(name); ok {
		return m.Kind == costmodel.Embedding
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(embedders, func(part string) bool { return strings.Contains(name, part) })
}

// serverNames are how people call the servers.
var serverNames = map[string]string{"ollama": "Ollama", "vllm": "vLLM", "llamacpp": "llama.cpp", "lmstudio": "LM Studio"}

// Name is what the server is called, by its port.
func (p Place) Name() string { return cmp.Or(serverNames[p.Provider.Name], p.Provider.Name) }
