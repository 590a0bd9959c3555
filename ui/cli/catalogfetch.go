package cli

import (
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

// read reads a feed from a file, standard input or an address.
func (c *catalogImport) read(ctx context.Context, from string) (pricefeed.Feed, error) {
	scheme, _, isURL := strings.Cut(from, "://")
	var (
		in  io.ReadCloser
		err error
	)
	switch {
	case isURL && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")):
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, fetchTimeout)
		defer cancel()
		in, err = fetch(ctx, http.DefaultTransport, from)
	case isURL:
		return pricefeed.Feed{}, usage("give an address with https://, or the name of a file", "feeds are not fetched by %q", scheme)
	case from == "-":
		in = io.NopCloser(c.stdin)
	default:
		in, err = os.Open(from)
	}
	if err != nil {
		return pricefeed.Feed{}, feedFailure(from, err)
	}
	defer func() { _ = in.Close() }()
	feed, err := pricefeed.Read(in)
	if err != nil {
		return pricefeed.Feed{}, feedFailure(from, err)
	}
	return feed, nil
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
