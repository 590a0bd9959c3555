package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"costping/costmodel"
	"costping/costmodel/pricefeed"
)

const (
	// fetchTimeout is for all of a fetch: the largest feed is 2.5 MB.
	fetchTimeout = 60 * time.Second
	maxRedirects = 5
)

// read reads a feed from a file, standard input or an address. An interruption
// ends it at once.
func (c *catalogImport) read(ctx context.Context, from string) (pricefeed.Feed, error) {
	scheme, _, isURL := strings.Cut(from, "://")
	var open func() (io.ReadCloser, error)
	switch {
	case isURL && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")):
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, fetchTimeout)
		defer cancel()
		open = func() (io.ReadCloser, error) { return fetch(ctx, http.DefaultTransport, from) }
	case isURL:
		return pricefeed.Feed{}, usage("give an address with https://, or the name of a file", "feeds are not fetched by %q", scheme)
	case from == "-":
		open = func() (io.ReadCloser, error) { return io.NopCloser(c.stdin), nil }
	default:
		open = func() (io.ReadCloser, error) { return os.Open(from) }
	}
	text, err := allOf(ctx, open)
	if err != nil {
		return pricefeed.Feed{}, feedFailure(from, err)
	}
	feed, err := pricefeed.Read(bytes.NewReader(text))
	if err != nil {
		return pricefeed.Feed{}, feedFailure(from, err)
	}
	return feed, nil
}

// allOf reads what open opens: as much as a feed may have, and one byte more. When
// ctx ends it returns, even where opening or reading waits for somebody who writes
// to a pipe; that is left behind, since no signal ends it, and goes with the
// process.
func allOf(ctx context.Context, open func() (io.ReadCloser, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		in, err := open()
		if err != nil {
			done <- result{err: err}
			return
		}
		defer func() { _ = in.Close() }()
		text, err := io.ReadAll(io.LimitReader(in, pricefeed.MaxBytes+1))
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch opens an address. It sends no credentials, of the address neither, and
// follows redirects to https only.
func fetch(ctx context.Context, transport http.RoundTripper, address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, usage("write it as https://HOST/PATH", "that is no address of a feed")
	}
	if u.User != nil {
		return nil, usage("fetch it with a tool that may know them, and import the file", "an address with a user name or password is not fetched")
	}
	client := &http.Client{Transport: transport, CheckRedirect: checkRedirect}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, usage("write it as https://HOST/PATH", "that is no address of a feed")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "costping")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the server answered with status %d", response.StatusCode)
	}
	return response.Body, nil
}

var (
	errInsecure  = errors.New("the server sends on to an address without https")
	errRedirects = fmt.Errorf("the server sends on more than %d times", maxRedirects)
)

func checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case r.URL.Scheme != "https":
		return errInsecure
	case len(via) > maxRedirects:
		return errRedirects
	}
	// An address may have a secret in its query, and one that it is sent to may
	// have user and password.
	r.Header.Del("Referer")
	r.URL.User = nil
	return nil
}

// feedFailure says which feed could not be read, and why.
func feedFailure(from string, err error) error {
	var (
		f        *failure
		input    *costmodel.InputError
		inURL    *url.Error
		pathFail *fs.PathError
	)
	where, hint := from, "check the name"
	if strings.Contains(from, "://") {
		where, hint = shownAddress(from), "check the address, or fetch the file yourself and import that"
	}
	if from == "-" {
		where = "standard input"
	}
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &input):
		return failed(input.Hint, "%s: %s", where, input.What)
	case errors.Is(err, context.DeadlineExceeded):
		return failed(hint, "%s: no whole answer within %d s", where, int(fetchTimeout.Seconds()))
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &inURL): // its own text has all of the address
		err = inURL.Err
	case errors.As(err, &pathFail):
		err = pathFail.Err
	}
	return failed(hint, "%s: %v", where, err)
}

// shownAddress is an address without what may be secret in it.
func shownAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
