package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/dashboard"
	"costping/ui/report"
	"costping/ui/report/snapshot"
)

// exports lets the dashboard write snapshots of what it shows.
func exports(o *dashboard.Options, catalog *costmodel.Catalog, c config.Config) {
	history, place, demo := o.History, strings.TrimPrefix(o.Place, "from "), o.Demo
	o.CheckExport = func(e dashboard.Export) error {
		for _, file := range e.Files {
			if err := report.CheckPath(file, report.Options{}); err != nil {
				return inOneLine(unwritten(err))
			}
		}
		return nil
	}
	o.Export = func(ctx context.Context, e dashboard.Export) error {
		now := time.Now().Truncate(time.Second).Add(time.Second) // what was measured just now is in it
		tool, _, _ := strings.Cut(versionLine(), " go1")
		r, err := snapshot.Take(ctx, history, snapshot.Input{
			WorkloadName: e.Name,
			From:         now.Add(-e.Window), To: now, Now: now, Place: place, Note: e.Note, Demo: demo, Tool: tool, SLO: c.SLO, Catalog: catalog,
			Compare: compare.Input{Candidates: e.Candidates, Workload: e.Workload, Today: costmodel.DateOf(now), Limits: e.Limits},
		})
		if err != nil {
			return err
		}
		for _, file := range e.Files {
			if err := report.Write(ctx, r, file, report.Options{Embed: true}); err != nil {
				return inOneLine(unwritten(err))
			}
		}
		return nil
	}
}

// inOneLine is an error with its hint in one sentence, for where there is one line.
func inOneLine(err error) error {
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		return errors.New(f.Error() + "; " + f.hint)
	}
	return err
}
