package store

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"costping/probe"
)

// server answers viewers over the owner's socket.
type server struct {
	owner   *boltHistory
	held    *held
	http    *http.Server
	socket  *ownListener
	serving sync.WaitGroup
	closing chan struct{} // closed when nothing more is begun
	refused sync.Once
}

const (
	// headerWithin, bodyWithin and writeWithin bound how long a viewer may take to
	// say something, and to take in what it is told.
	headerWithin = 5 * time.Second
	bodyWithin   = 30 * time.Second
	writeWithin  = 30 * time.Second
	idleWithin   = 2 * time.Minute
	mostHeader   = 8 << 10 // bytes
	// changeWithin is how long a viewer waits for a change before it is told that
	// there is none.
	changeWithin = 800 * time.Millisecond
	// closeWithin is how long calls may take to finish when the owner ends.
	closeWithin = 2 * time.Second
)

// serve listens and says where. h knows what steers the schedule.
func serve(dir string, owner *boltHistory, h *held) (*server, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	l, err := listen(path)
	if err != nil {
		return nil, err
	}
	s := &server{owner: owner, held: h, socket: l, closing: make(chan struct{})}
	s.http = &http.Server{
		Handler: s.routes(), ReadHeaderTimeout: headerWithin, ReadTimeout: bodyWithin, IdleTimeout: idleWithin,
		MaxHeaderBytes: mostHeader, ErrorLog: log.New(io.Discard, "", 0),
	}
	s.serving.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			owner.options.log(err)
		}
	})
	if err := announce(dir, path); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// refuse answers every further call that it has not been carried out.
func (s *server) refuse() { s.refused.Do(func() { close(s.closing) }) }

// leaveSocket makes close leave the socket's file alone.
func (s *server) leaveSocket() { s.socket.SetUnlinkOnClose(false) }

// close stops listening, lets calls finish and removes the socket.
func (s *server) close() error {
	s.refuse()
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close() // whoever still talks has had its time
	}
	s.serving.Wait()
	return err
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	o := s.owner
	route(s, mux, "hello", func(context.Context, nothing) (hello, error) {
		return hello{Protocol: protocol, PID: os.Getpid(), Format: format}, nil
	})
	route(s, mux, "version", s.waitForChange)
	route(s, mux, "window", o.Window)
	route(s, mux, "series", o.Series)
	route(s, mux, "events", func(ctx context.Context, q rangeQuery) ([]Event, error) { return o.Events(ctx, q.bounds()) })
	route(s, mux, "results", func(ctx context.Context, q rangeQuery) ([]Result, error) { return o.Results(ctx, q.bounds()) })
	route(s, mux, "prices", o.Prices)
	route(s, mux, "info", func(ctx context.Context, _ nothing) (Info, error) { return o.Info(ctx) })
	route(s, mux, "samples", s.samples)
	route(s, mux, "rollups", s.rollups)
	route(s, mux, "append", s.append)
	route(s, mux, "record", func(ctx context.Context, n Notes) (nothing, error) { return nothing{}, o.Record(ctx, n) })
	route(s, mux, "adopt", func(ctx context.Context, told []wireRollup) (int, error) {
		rollups, err := rollupsOf(told)
		if err != nil {
			return 0, err
		}
		return o.Adopt(ctx, rollups)
	})
	route(s, mux, "reserve", func(ctx context.Context, q reserveQuery) (r reserved, err error) {
		r.ID, r.OK, err = o.Reserve(ctx, q.Day, q.USD, q.Limit)
		return r, err
	})
	route(s, mux, "settle", func(ctx context.Context, q settleQuery) (nothing, error) {
		return nothing{}, o.Settle(ctx, q.ID, q.USD)
	})
	route(s, mux, "spent", o.Spent)
	route(s, mux, "prune", func(ctx context.Context, before int64) (int, error) { return o.Prune(ctx, time.Unix(0, before)) })
	route(s, mux, "compact", func(ctx context.Context, _ nothing) (Compacted, error) { return o.Compact(ctx) })
	route(s, mux, "control", s.steer)
	mux.HandleFunc("POST "+pathOf("backup"), s.backup)
	return mux
}

func pathOf(name string) string { return "/v" + strconv.Itoa(protocol) + "/" + name }

// route answers one kind of question.
func route[Q, A any](s *server, mux *http.ServeMux, name string, answer func(context.Context, Q) (A, error)) {
	mux.HandleFunc("POST "+pathOf(name), func(w http.ResponseWriter, r *http.Request) {
		defer probe.Recover(func(err error) { s.owner.options.log(err) })
		select {
		case <-s.closing:
			w.Header().Set("Connection", "close")
			s.reply(w, http.StatusConflict, failureOf(ErrClosed))
			return
		default:
		}
		var q Q
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostAsked)).Decode(&q); err != nil {
			s.reply(w, http.StatusBadRequest, failure{Text: "the question cannot be read: " + err.Error()})
			return
		}
		a, err := answer(r.Context(), q)
		if err != nil {
			s.reply(w, http.StatusConflict, failureOf(err))
			return
		}
		s.reply(w, http.StatusOK, a)
	})
}

func (s *server) reply(w http.ResponseWriter, status int, a any) {
	text, err := json.Marshal(a)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"text":"the answer cannot be written"}`)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeWithin)) // a socket always can
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(headerVersion, strconv.FormatUint(s.owner.Version(), 10))
	if s.held.mounted() != nil {
		w.Header().Set(headerSchedule, "yes")
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // whoever is gone wants no answer
}

// waitForChange answers when the version is another than the viewer knows, or
// when it has waited long enough.
func (s *server) waitForChange(ctx context.Context, q versionQuery) (nothing, error) {
	end := time.NewTimer(changeWithin)
	defer end.Stop()
	now, moved := s.owner.version.wait()
	if now != q.After {
		return nothing{}, nil
	}
	select {
	case <-moved:
	case <-end.C:
	case <-ctx.Done():
		return nothing{}, ctx.Err()
	case <-s.closing:
		return nothing{}, ErrClosed
	}
	return nothing{}, nil
}

func (s *server) samples(ctx context.Context, q sampleQuery) (samplePage, error) {
	page, err := s.owner.samplePage(ctx, q.Cursor, q.To)
	return samplePage{batchOf(page.samples), page.next, page.damaged}, err
}

func (s *server) rollups(ctx context.Context, q rollupQuery) (rollupPage, error) {
	page, next, err := s.owner.rollupPage(ctx, q)
	return rollupPage{wireRollups(page), next}, err
}

func (s *server) append(ctx context.Context, b batch) (nothing, error) {
	samples, err := b.samples()
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.owner.Append(ctx, samples)
}

func (s *server) steer(ctx context.Context, q controlQuery) (probe.Steered, error) {
	if q.Do == doYield {
		return probe.Steered{}, s.held.askedToYield()
	}
	c := s.held.mounted()
	if c == nil {
		return probe.Steered{}, ErrNoSchedule
	}
	for i, name := range q.Targets {
		q.Targets[i] = probe.Sanitize(name, longestName)
	}
	switch q.Do {
	case doPause:
		return probe.Steered{}, c.Pause(ctx, q.On)
	case doProbe:
		return probe.Steered{}, c.ProbeNow(ctx, q.Targets...)
	case doEnable:
		if len(q.Targets) == 1 {
			return probe.Steered{}, c.Enable(ctx, q.Targets[0], q.On)
		}
	case doTell:
		return c.Steered(ctx)
	}
	return probe.Steered{}, errors.New("the schedule cannot do that")
}

// backup streams a copy. A viewer that has stopped reading is let go.
func (s *server) backup(w http.ResponseWriter, r *http.Request) {
	n, err := s.owner.Backup(r.Context(), &patient{w, http.NewResponseController(w)})
	switch {
	case err != nil && n == 0:
		s.reply(w, http.StatusConflict, failureOf(err))
	case err != nil:
		panic(http.ErrAbortHandler) // so that what came is not taken for the whole
	}
}

// patient gives every write its time.
type patient struct {
	w          io.Writer
	controller *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.controller.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
