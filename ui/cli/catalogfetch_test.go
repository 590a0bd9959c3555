package cli

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// get fetches an address with the certificates of a test server.
func get(t *testing.T, s *httptest.Server, address string) (string, error) {
	t.Helper()
	body, err := fetch(t.Context(), s.Client().Transport, address)
	if err != nil {
		return "", feedFailure(address, err)
	}
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), nil
}

// A redirect leads to https only, a few times, and takes nothing along.
func TestFetch(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an address without https was asked") }))
	defer plain.Close()
	var s *httptest.Server
	s = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed":
			if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
				t.Errorf("it was sent %v", r.Header)
			}
			_, _ = io.WriteString(w, "{}")
		case "/on":
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			http.Redirect(w, r, strings.Replace(s.URL, "https://", "https://user:secret@", 1)+"/feed", http.StatusFound)
		case "/down":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	for _, c := range []struct{ path, body, err string }{
		{"/feed", "{}", ""},
		{"/on?key=secret", "{}", ""},
		{"/down", "", "the server sends on to an address without https"},
		{"/round", "", "the server sends on more than 5 times"},
		{"/gone?key=secret", "", "the server answered with status 404"},
	} {
		body, err := get(t, s, s.URL+c.path)
		if body != c.body {
			t.Errorf("%s: %q, %v", c.path, body, err)
		}
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.HasSuffix(err.Error(), ": "+c.err)) {
			t.Errorf("%s: %v, want %s", c.path, err, c.err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: a secret is in %v", c.path, err)
		}
	}
	for address, want := range map[string]int{
		strings.Replace(s.URL, "https://", "https://user:secret@", 1) + "/feed": exitUsage,
		"https://":                    exitUsage,
		"https://a b/":                exitUsage,
		"https://127.0.0.1:1/?secret": exitFailed,
	} {
		_, err := get(t, s, address)
		var f *failure
		if !errors.As(err, &f) || f.code != want || f.hint == "" || strings.Contains(f.what, "secret") {
			t.Errorf("%s: %+v", address, f)
		}
	}
}
